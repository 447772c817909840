// OpenAI's SDK for TypeScript, with chat completions and with the responses API.

const usageOf = (input, cached, output) => ({ input, cached: cached ?? 0, output });
const errorOf = ({ status, error }) => ({ status, message: error.message });

async function gather(chunks) {
  const message = { role: 'assistant', content: null };
  let usage;
  for await (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    const { content, reasoning_content: thought, reasoning_details: details, tool_calls: calls } =
      chunk.choices[0]?.delta ?? {};
    if (content) message.content = (message.content ?? '') + content;
    if (thought) message.reasoning_content = (message.reasoning_content ?? '') + thought;
    if (details) message.reasoning_details = [...(message.reasoning_details ?? []), ...details];
    for (const { index, function: { arguments: piece, ...named }, ...rest } of calls ?? []) {
      message.tool_calls ??= [];
      message.tool_calls[index] ??= { ...rest, function: { ...named, arguments: '' } };
      message.tool_calls[index].function.arguments += piece;
    }
  }
  return { message, usage };
}

async function askChat(client, body, stream) {
  if (stream) {
    return gather(await client.chat.completions.create(
      { ...body, stream, stream_options: { include_usage: true } }));
  }
  const { choices: [{ message }], usage } = await client.chat.completions.create(body);
  const { role, content, tool_calls: calls, reasoning_content, reasoning_details } = message;
  return { usage, message: { role, content,
    ...(calls ? { tool_calls: calls } : {}),
    ...(reasoning_content ? { reasoning_content } : {}),
    ...(reasoning_details ? { reasoning_details } : {}) } };
}

/** `forgets`: it sends nothing back of what was thought, as most clients of chat do. */
export const openaiChat = (OpenAI) => ({
  name: 'openai (chat)',
  own: ['chat', 'deepseek'],
  forms: [{ name: 'whole' }, { name: 'streamed', stream: true },
    { name: 'thoughts forgotten', stream: true, forgets: true }],
  errorOf,
  async models(url, key) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key });
    const ids = [];
    for await (const { id, object } of client.models.list()) ids.push(`${object} ${id}`);
    return ids;
  },
  modelName: (id) => `model ${id}`,
  async converse({ url, key, model, system, prompt, image, weather, results, stream, forgets }) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const { name, description, schema: parameters } = weather;
    const content = [{ type: 'text', text: prompt }];
    if (image) {
      content.push({ type: 'image_url', image_url: { url: `data:image/png;base64,${image}` } });
    }
    const messages = [{ role: 'system', content: system }, { role: 'user', content }];
    const body = { model, messages,
      tools: [{ type: 'function', function: { name, description, parameters } }] };
    const got = [];
    for (const turn of [0, 1]) {
      const { message, usage } = await askChat(client, body, stream);
      const calls = message.tool_calls ?? [];
      got.push({
        text: message.content,
        calls: calls.map(({ id, function: { name: called, arguments: input } }) =>
          ({ id, name: called, input: JSON.parse(input) })),
        usage: usageOf(usage.prompt_tokens, usage.prompt_tokens_details?.cached_tokens
          ?? usage.prompt_cache_hit_tokens, usage.completion_tokens),
      });
      if (turn === 1) break;
      const { reasoning_content, reasoning_details, ...bare } = message;
      messages.push(forgets ? bare : message, ...calls.map(({ id }) =>
        ({ role: 'tool', tool_call_id: id, content: results[id] })));
    }
    return got;
  },
});

async function askResponses(client, body, stream) {
  if (!stream) return client.responses.create(body);
  let last;
  for await (const event of await client.responses.create({ ...body, stream })) last = event;
  return last.response;
}

export const openaiResponses = (OpenAI) => ({
  name: 'openai (responses)',
  own: ['responses'],
  errorOf,
  async converse({ url, key, model, system, prompt, image, weather, results, stream }) {
    const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: key, maxRetries: 0 });
    const { name, description, schema: parameters } = weather;
    const content = [{ type: 'input_text', text: prompt }];
    if (image) {
      content.push({ type: 'input_image', detail: 'auto',
        image_url: `data:image/png;base64,${image}` });
    }
    const input = [{ role: 'user', content }];
    const body = { model, input, instructions: system, store: false,
      include: ['reasoning.encrypted_content'], reasoning: { effort: 'medium', summary: 'auto' },
      tools: [{ type: 'function', name, description, parameters, strict: false }] };
    const got = [];
    for (const turn of [0, 1]) {
      const { output, usage } = await askResponses(client, body, stream);
      const calls = output.filter(({ type }) => type === 'function_call');
      const texts = output.filter(({ type }) => type === 'message');
      got.push({
        text: texts.flatMap((item) => item.content).map(({ text }) => text).join(''),
        calls: calls.map(({ call_id: id, name: called, arguments: given }) =>
          ({ id, name: called, input: JSON.parse(given) })),
        usage: usageOf(usage.input_tokens, usage.input_tokens_details.cached_tokens,
          usage.output_tokens),
      });
      if (turn === 1) break;
      input.push(...output.map(({ parsed_arguments, ...item }) => item),
        ...calls.map(({ call_id }) =>
          ({ type: 'function_call_output', call_id, output: results[call_id] })));
    }
    return got;
  },
});
