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

const project = { project: 'some-project', location: 'us-central1' };

/** How it is pointed at Vertex AI: with a key alone, with a project as well, with a login whose token
 *  is the relay's key, and with one of Google's, beside which the relay's key has a header. */
export function genaiAtVertex(OAuth2Client) {
  const byLogin = (token) => {
    const authClient = new OAuth2Client();
    authClient.setCredentials({ access_token: token });
    return { vertexai: true, ...project, googleAuthOptions: { authClient } };
  };
  return [
    { name: 'Vertex AI by key', setUp: (apiKey) => ({ vertexai: true, apiKey }) },
    { name: 'Vertex AI of a project', setUp: (apiKey) => ({ vertexai: true, apiKey, ...project }) },
    { name: 'Vertex AI by login', setUp: byLogin },
    { name: 'Vertex AI by login and key', setUp: (key) => (
      { ...byLogin('ya29.of-google'), headers: { 'x-goog-api-key': key } }) },
  ];
}

const clientOf = (GoogleGenAI, baseUrl, { headers, ...options }) =>
  new GoogleGenAI({ ...options, httpOptions: { baseUrl, headers } });

export const genai = (GoogleGenAI, { name: place, setUp = (apiKey) => ({ apiKey }) } = {}) => ({
  name: place ? `@google/genai, ${place}` : '@google/genai',
  own: ['gemini'],
  errorOf: ({ status, message }) => ({ status, message: JSON.parse(message).error.message }),
  async models(url, key) {
    const client = clientOf(GoogleGenAI, url, setUp(key));
    const names = [];
    for await (const { name } of await client.models.list()) names.push(name);
    return names;
  },
  modelName: (id) => `models/${id}`,
  async converse({ url, key, model, system, prompt, image, weather, results, stream }) {
    const client = clientOf(GoogleGenAI, url, setUp(key));
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
