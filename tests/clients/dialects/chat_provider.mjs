// A provider of chat completions, as strict as OpenAI's (`openai`: newest models, no members that
// it does not know) or as DeepSeek's while it thinks (`deepseek`: wants its reasoning back).

import { json, sse } from '../fake_provider.mjs';
import { inPieces } from './pieces.mjs';
import {
  any, anyObject, count, flag, list, nullable, number, object, pattern, refuse, strictly, tagged,
  text, textOr, word,
} from './shapes.mjs';

const toolName = pattern(/^[a-zA-Z0-9_-]{1,64}$/);
const textPart = object({ type: text, text });
const userPart = tagged('type', {
  text: textPart,
  image_url: object({ type: text, image_url: object({ url: text }, { detail: text }) }),
  file: object({ type: text, file: object({}, { filename: text, file_data: text }) }),
});
const call = object({
  id: pattern(/./),
  type: word('function'),
  function: object({ name: toolName, arguments: text }),
});
const said = { content: nullable(textOr(list(textPart))), name: text, refusal: nullable(text),
  tool_calls: list(call) };

const messages = (reasoning) => list(tagged('role', {
  system: object({ role: text, content: textOr(list(textPart)) }, { name: text }),
  developer: object({ role: text, content: textOr(list(textPart)) }, { name: text }),
  user: object({ role: text, content: textOr(list(userPart)) }, { name: text }),
  assistant: object({ role: text }, reasoning ? { ...said, reasoning_content: text } : said),
  tool: object({ role: text, content: textOr(list(textPart)), tool_call_id: text }),
}));

const functionTool = object({
  type: word('function'),
  function: strictly(object({ name: toolName },
    { description: text, parameters: anyObject, strict: flag }), 'parameters'),
});
const choice = textOr(object({ type: word('function'), function: object({ name: toolName }) }));
const common = {
  tools: list(functionTool),
  tool_choice: choice,
  stream: flag,
  stream_options: object({}, { include_usage: flag }),
  temperature: number(0, 2),
  top_p: number(0, 1),
  stop: textOr(list(text)),
  response_format: tagged('type', {
    text: object({ type: text }),
    json_object: object({ type: text }),
    json_schema: object({ type: text,
      json_schema: strictly(object({ name: toolName }, { schema: anyObject, strict: flag, description: text })) }),
  }),
};
const efforts = word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max');
const flavors = {
  openai: object({ model: text, messages: messages(false) }, {
    ...common,
    max_completion_tokens: count(1), max_tokens: count(1), parallel_tool_calls: flag,
    reasoning_effort: efforts, prompt_cache_key: text, verbosity: text, seed: count(), user: text,
    n: count(1), store: flag, metadata: anyObject, service_tier: text, safety_identifier: text,
    frequency_penalty: number(-2, 2), presence_penalty: number(-2, 2), logit_bias: any,
  }),
  deepseek: object({ model: text, messages: messages(true) }, {
    ...common,
    max_tokens: count(1), reasoning_effort: word('low', 'high', 'max'),
    thinking: object({ type: word('enabled', 'disabled') }),
    frequency_penalty: any, presence_penalty: any,
  }),
};

const textOf = (content) =>
  (typeof content === 'string' ? content : (content ?? []).map((part) => part.text ?? '').join(''));

/** Every call is answered directly behind it, and nothing else is. */
function checkCalls(turns) {
  let open = new Set();
  turns.forEach((turn, index) => {
    const at = `messages[${index}]`;
    if (turn.role === 'tool') {
      if (!open.delete(turn.tool_call_id)) {
        refuse("messages with role 'tool' must be a response to a preceding message with "
          + "'tool_calls'.", { param: at });
      }
      return;
    }
    if (open.size > 0) {
      refuse("An assistant message with 'tool_calls' must be followed by tool messages responding "
        + `to each 'tool_call_id'. Missing: ${[...open]}`, { param: at });
    }
    const calls = turn.tool_calls ?? [];
    open = new Set(calls.map(({ id }) => id));
    if (open.size < calls.length) refuse('Duplicate call id.', { param: at });
    for (const { function: { arguments: given } } of calls) JSON.parse(given);
    if (turn.role === 'assistant' && calls.length === 0 && turn.content == null) {
      refuse(`Invalid value for 'content': expected a string, got null.`, { param: `${at}.content` });
    }
  });
  if (open.size > 0) refuse(`No tool message for ${[...open]}.`, { param: 'messages' });
}

function checkModel(flavor, body) {
  if (flavor === 'openai' && /^(o\d|gpt-[5-9])/.test(body.model)) {
    for (const name of ['max_tokens', 'temperature', 'top_p', 'stop']) {
      if (name in body && !(name !== 'max_tokens' && name !== 'stop' && body[name] === 1)) {
        refuse(`Unsupported parameter: '${name}' is not supported with this model.`,
          { param: name, code: 'unsupported_parameter' });
      }
    }
  }
  if (!body.tools) {
    for (const name of ['tool_choice', 'parallel_tool_calls']) {
      if (name in body) refuse(`'${name}' is only allowed when 'tools' are specified.`, { param: name });
    }
  }
  if (body.stream_options && !body.stream) {
    refuse("The 'stream_options' parameter is only allowed when 'stream' is enabled.");
  }
}

export function chatProvider({ flavor = 'openai' } = {}) {
  return {
    name: 'chat',
    toml: (url) => `type = "openai"\napi = "chat"\nprofile = "${flavor}"\nbase_url = "${url}/v1"`,
    keyOf: (headers) => headers.authorization?.replace(/^Bearer /, ''),
    asks: ({ method, path }) => method === 'POST' && path === '/v1/chat/completions',
    check(body) {
      flavors[flavor](body, '');
      checkModel(flavor, body);
      checkCalls(body.messages);
      if (flavor !== 'deepseek') return;
      for (const turn of body.messages) {
        if (turn.tool_calls && !('reasoning_content' in turn)) {
          refuse('The `reasoning_content` in the thinking mode must be passed back to the API.');
        }
      }
    },
    refusal: ({ status, message, param, code }) => json(status,
      { error: { message, type: 'invalid_request_error', param, code } }),
    view: (body) => ({
      stream: body.stream === true,
      maxTokens: body.max_completion_tokens ?? body.max_tokens,
      tools: (body.tools ?? []).map((tool) => tool.function.name),
      schema: body.response_format?.json_schema?.schema,
      blocks: body.messages.flatMap((turn) => blocksOf(turn)),
    }),
    answer: (blocks, { body, options }) => (body.stream
      ? sse(streamOf(blocks, body, flavor), options)
      : json(200, whole(blocks, body, flavor))),
    /** What must come back of this thought; OpenAI shows none over chat. */
    sealOf: (blocks) => (flavor === 'deepseek' ? joined(blocks, 'thinking', 'thinking') : undefined),
  };
}

function blocksOf({ role, content, tool_calls: calls = [], tool_call_id: id, ...turn }) {
  if (role === 'tool') return [{ type: 'tool_result', id, text: textOf(content) }];
  const blocks = [];
  if (turn.reasoning_content) blocks.push({ type: 'thinking', seal: turn.reasoning_content });
  if (Array.isArray(content) && content.some(({ type }) => type === 'image_url')) {
    blocks.push({ type: 'image', role });
  }
  if (textOf(content)) blocks.push({ type: 'text', role, text: textOf(content) });
  for (const { id: callId, function: { name, arguments: given } } of calls) {
    blocks.push({ type: 'tool_use', id: callId, name, input: JSON.parse(given) });
  }
  return blocks;
}

const usage = (flavor) => ({
  prompt_tokens: 100,
  completion_tokens: 30,
  total_tokens: 130,
  ...(flavor === 'deepseek'
    ? { prompt_cache_hit_tokens: 20, prompt_cache_miss_tokens: 80 }
    : { prompt_tokens_details: { cached_tokens: 20, audio_tokens: 0 } }),
  completion_tokens_details: { reasoning_tokens: 10 },
});
const toolCalls = (blocks) => blocks.filter(({ type }) => type === 'tool_use');
const reasonOf = (blocks) => (toolCalls(blocks).length > 0 ? 'tool_calls' : 'stop');
const head = (body, object) => ({ id: 'chatcmpl-fake01', object, created: 1790000000,
  model: `${body.model}-2026-01-01`, service_tier: 'default', system_fingerprint: 'fp_fake' });
const joined = (blocks, type, member) =>
  blocks.filter((block) => block.type === type).map((block) => block[member]).join('');

function whole(blocks, body, flavor) {
  const calls = toolCalls(blocks).map(({ id, name, input }) => ({
    id, type: 'function', function: { name, arguments: JSON.stringify(input) } }));
  const message = { role: 'assistant', content: joined(blocks, 'text', 'text') || null,
    refusal: null, annotations: [] };
  if (flavor === 'deepseek') message.reasoning_content = joined(blocks, 'thinking', 'thinking');
  if (calls.length > 0) message.tool_calls = calls;
  return {
    ...head(body, 'chat.completion'),
    choices: [{ index: 0, message, logprobs: null, finish_reason: reasonOf(blocks) }],
    usage: usage(flavor),
  };
}

function streamOf(blocks, body, flavor) {
  const data = (value) => `data: ${JSON.stringify(value)}\n\n`;
  const wanted = body.stream_options?.include_usage;
  const chunk = (choices, more = wanted ? { usage: null } : {}) =>
    data({ ...head(body, 'chat.completion.chunk'), choices, ...more });
  const delta = (value, reason = null) =>
    chunk([{ index: 0, delta: value, logprobs: null, finish_reason: reason }]);
  const events = [delta({ role: 'assistant', content: '', refusal: null })];
  let index = 0;
  for (const block of blocks) {
    if (block.type === 'thinking' && flavor === 'deepseek') {
      for (const piece of inPieces(block.thinking)) events.push(delta({ reasoning_content: piece }));
    } else if (block.type === 'text') {
      for (const piece of inPieces(block.text)) events.push(delta({ content: piece }));
    } else if (block.type === 'tool_use') {
      const { id, name, input } = block;
      events.push(delta({ tool_calls: [
        { index, id, type: 'function', function: { name, arguments: '' } }] }));
      for (const piece of inPieces(JSON.stringify(input))) {
        events.push(delta({ tool_calls: [{ index, function: { arguments: piece } }] }));
      }
      ++index;
    }
  }
  events.push(delta({}, reasonOf(blocks)));
  if (wanted) events.push(chunk([], { usage: usage(flavor) }));
  events.push('data: [DONE]\n\n');
  return events;
}
