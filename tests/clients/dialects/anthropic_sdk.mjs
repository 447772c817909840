// Anthropic's SDK, asking for models of others.

export const anthropicSdk = ({ Anthropic }) => ({
  name: '@anthropic-ai/sdk',
  own: ['anthropic'],
  errorOf: ({ status, error }) => ({ status, message: error.error.message }),
  async models(url, key) {
    const client = new Anthropic({ baseURL: url, apiKey: key, authToken: null });
    const ids = [];
    for await (const { id, type } of client.models.list()) ids.push(`${type} ${id}`);
    return ids;
  },
  modelName: (id) => `model ${id}`,
  async converse({ url, key, model, system, prompt, image, weather, results, stream }) {
    const client = new Anthropic({ baseURL: url, apiKey: key, authToken: null, maxRetries: 0 });
    const { name, description, schema: input_schema } = weather;
    const content = [{ type: 'text', text: prompt }];
    if (image) {
      content.push({ type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: image } });
    }
    const messages = [{ role: 'user', content }];
    const body = { model, messages, system, max_tokens: 8000, thinking: { type: 'adaptive' },
      tools: [{ name, description, input_schema }] };
    const got = [];
    for (const turn of [0, 1]) {
      const answer = stream
        ? await client.messages.stream(body).finalMessage()
        : await client.messages.create(body);
      const calls = answer.content.filter(({ type }) => type === 'tool_use');
      const { usage } = answer;
      got.push({
        text: answer.content.map(({ text }) => text ?? '').join(''),
        calls: calls.map(({ id, name: called, input }) => ({ id, name: called, input })),
        usage: {
          input: usage.input_tokens + usage.cache_read_input_tokens,
          cached: usage.cache_read_input_tokens,
          output: usage.output_tokens,
        },
      });
      if (turn === 1) break;
      messages.push({ role: 'assistant', content: answer.content }, { role: 'user',
        content: calls.map(({ id }) =>
          ({ type: 'tool_result', tool_use_id: id, content: results[id] })) });
    }
    return got;
  },
});
