// Google's SDK.

async function ask(client, request, stream) {
  const answers = stream
    ? await client.models.generateContentStream(request)
    : [await client.models.generateContent(request)];
  const parts = [];
  let usage;
  for await (const { candidates, usageMetadata } of answers) {
    usage = usageMetadata ?? usage;
    parts.push(...(candidates?.[0]?.content?.parts ?? []));
  }
  return { parts: parts.filter((part) => part.text !== '' || part.thoughtSignature), usage };
}

export const genai = (GoogleGenAI) => ({
  name: '@google/genai',
  own: ['gemini'],
  errorOf: ({ status, message }) => ({ status, message: JSON.parse(message).error.message }),
  async models(url, key) {
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
    const names = [];
    for await (const { name } of await client.models.list()) names.push(name);
    return names;
  },
  modelName: (id) => `models/${id}`,
  async converse({ url, key, model, system, prompt, image, weather, results, stream }) {
    const client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
    const { name, description, schema: parametersJsonSchema } = weather;
    const parts = [{ text: prompt }];
    if (image) parts.push({ inlineData: { mimeType: 'image/png', data: image } });
    const contents = [{ role: 'user', parts }];
    const config = { systemInstruction: system, thinkingConfig: { includeThoughts: true },
      tools: [{ functionDeclarations: [{ name, description, parametersJsonSchema }] }] };
    const got = [];
    for (const turn of [0, 1]) {
      const { parts: said, usage } = await ask(client, { model, contents, config }, stream);
      const calls = said.map(({ functionCall }) => functionCall).filter(Boolean);
      got.push({
        text: said.filter((part) => part.text && !part.thought).map(({ text }) => text).join(''),
        calls: calls.map(({ id, name: called, args: input }) => ({ id, name: called, input })),
        usage: {
          input: usage.promptTokenCount,
          cached: usage.cachedContentTokenCount ?? 0,
          output: usage.candidatesTokenCount + (usage.thoughtsTokenCount ?? 0),
        },
      });
      if (turn === 1) break;
      contents.push({ role: 'model', parts: said }, { role: 'user', parts: calls.map((call) => ({
        functionResponse: { id: call.id, name: call.name, response: { output: results[call.id] } },
      })) });
    }
    return got;
  },
});
