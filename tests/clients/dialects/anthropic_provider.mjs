// A provider of Anthropic's Messages as strict as Anthropic's: no members that it does not know, a
// result behind every call, and only thoughts that it has signed itself.

import { failure, json, sse } from '../fake_provider.mjs';
import { message, messageEvents } from '../messages.mjs';
import {
  any, anyObject, closedSchema, count, flag, list, number, object, pattern, refuse, strictly, tagged,
  text, textOr, word,
} from './shapes.mjs';

const cache = { cache_control: object({ type: word('ephemeral') }, { ttl: word('5m', '1h') }) };
const textBlock = object({ type: text, text: pattern(/\S/) }, { ...cache, citations: any });
const source = tagged('type', {
  base64: object({ type: text, media_type: text, data: text }),
  url: object({ type: text, url: text }),
  text: object({ type: text, media_type: text, data: text }),
});
const image = object({ type: text, source }, cache);
const id = pattern(/^[a-zA-Z0-9_-]{1,64}$/);
const name = pattern(/^[a-zA-Z0-9_-]{1,128}$/);
const block = tagged('type', {
  text: textBlock,
  image,
  document: object({ type: text, source }, { ...cache, title: any, citations: any }),
  thinking: object({ type: text, thinking: text, signature: text }),
  redacted_thinking: object({ type: text, data: text }),
  tool_use: object({ type: text, id, name, input: anyObject }, cache),
  tool_result: object({ type: text, tool_use_id: id }, { ...cache, is_error: flag,
    content: textOr(list(tagged('type', { text: object({ type: text, text }, cache), image }), 0)) }),
});
const shape = object({
  model: text,
  max_tokens: count(1),
  messages: list(object({ role: word('user', 'assistant', 'system'), content: textOr(list(block)) },
    { output_config: anyObject })),
}, {
  system: textOr(list(textBlock)),
  tools: list(tagged('type', { custom: strictly(object({ name, input_schema: object({ type: word('object') }, {
    properties: anyObject, required: list(text, 0), additionalProperties: any, $schema: text,
    description: text, $defs: any, title: text }) },
  { ...cache, description: text, strict: flag, type: word('custom'), eager_input_streaming: flag,
    defer_loading: flag }), 'input_schema', false),
  web_search_20250305: object({ type: text, name: word('web_search') }, { ...cache, max_uses: count(1),
    allowed_domains: list(text), blocked_domains: list(text), user_location: anyObject }) }, 'custom')),
  tool_choice: object({ type: word('auto', 'any', 'none', 'tool') },
    { name, disable_parallel_tool_use: flag }),
  thinking: tagged('type', {
    enabled: object({ type: text, budget_tokens: count(1024) }, { display: text }),
    adaptive: object({ type: text }, { display: text }),
    disabled: object({ type: text }),
  }),
  output_config: object({}, { effort: word('low', 'medium', 'high', 'xhigh', 'max'),
    format: object({ type: word('json_schema'), schema: closedSchema(false) }) }),
  metadata: object({}, { user_id: text }),
  temperature: number(0, 1), top_p: number(0, 1), top_k: count(), stream: flag,
  stop_sequences: list(pattern(/\S/), 0), service_tier: text, context_management: anyObject,
});

const blocksIn = ({ content }) =>
  (typeof content === 'string' ? [{ type: 'text', text: content }] : content);

function checkTurns(turns, issued) {
  turns.forEach((turn, index) => {
    for (const { type, signature } of blocksIn(turn)) {
      if (type === 'thinking' && !issued.has(signature)) {
        refuse(`messages.${index}.content: Invalid \`signature\` in \`thinking\` block`);
      }
    }
    const results = blocksIn(turn).filter(({ type }) => type === 'tool_result');
    const before = turns[index - 1] ? blocksIn(turns[index - 1]) : [];
    const calls = before.filter(({ type }) => type === 'tool_use');
    for (const call of calls) {
      if (!results.some((result) => result.tool_use_id === call.id)) {
        refuse(`messages.${index - 1}: \`tool_use\` ids were found without \`tool_result\` blocks `
          + `immediately after: ${call.id}`);
      }
    }
    for (const result of results) {
      if (!calls.some((call) => call.id === result.tool_use_id)) {
        refuse(`messages.${index}: unexpected \`tool_use_id\` found in \`tool_result\` blocks: `
          + result.tool_use_id);
      }
    }
    if (results.length > 0 && blocksIn(turn)[0].type !== 'tool_result') {
      refuse(`messages.${index}: \`tool_result\` blocks must come first`);
    }
  });
  if (turns[0].role !== 'user') refuse('messages: first message must use the "user" role');
}

/** What the newest models no longer take. */
function checkNewest({ model, thinking, tool_choice: choice, ...body }) {
  if (!/^claude-(opus|sonnet)-5-5/.test(model)) return;
  for (const member of ['temperature', 'top_p', 'top_k']) {
    if (member in body) refuse(`${member}: not supported with this model.`);
  }
  if (['enabled', 'disabled'].includes(thinking?.type)) {
    refuse(`thinking.type: "${thinking.type}" is not supported with this model.`);
  }
  if (choice && !['auto', 'none'].includes(choice.type)) {
    refuse(`tool_choice: "${choice.type}" is not supported with this model.`);
  }
}

function checkThinking(body) {
  checkNewest(body);
  const { thinking, tool_choice: choice } = body;
  if (thinking?.type === 'enabled' && thinking.budget_tokens >= body.max_tokens) {
    refuse('`max_tokens` must be greater than `thinking.budget_tokens`.');
  }
  if (thinking && thinking.type !== 'disabled') {
    if (choice && !['auto', 'none'].includes(choice.type)) {
      refuse('Thinking may not be enabled when tool_choice forces tool use.');
    }
    for (const member of ['temperature', 'top_k']) {
      if (member in body) refuse(`\`${member}\` may not be set when thinking is enabled.`);
    }
  }
  if ('temperature' in body && 'top_p' in body) {
    refuse('`temperature` and `top_p` cannot both be specified for this model.');
  }
  const marks = JSON.stringify(body).split('"cache_control"').length - 1;
  if (marks > 4) refuse(`A maximum of 4 blocks with cache_control may be provided. Found ${marks}.`);
}

/** What it has found, and its text with where each piece of it is from. */
function searched(block, id) {
  if (block.type === 'search') {
    return [{ type: 'server_tool_use', id, name: 'web_search', input: { query: block.query } },
      { type: 'web_search_tool_result', tool_use_id: id, content: block.hits.map(({ url, title }) =>
        ({ type: 'web_search_result', url, title, encrypted_content: 'Eo8B+/=', page_age: null })) }];
  }
  if (!block.cites) return [block];
  let { text: rest } = block;
  const blocks = [];
  for (const { url, title, piece } of block.cites) {
    const at = rest.indexOf(piece);
    blocks.push({ type: 'text', text: rest.slice(0, at) }, { type: 'text', text: piece, citations: [
      { type: 'web_search_result_location', url, title, encrypted_index: 'Eo8B', cited_text: piece }] });
    rest = rest.slice(at + piece.length);
  }
  return [...blocks, { type: 'text', text: rest }];
}

const resultText = (content) =>
  (typeof content === 'string' ? content : (content ?? []).map((each) => each.text ?? '').join(''));

const seen = (role) => (each) => {
  switch (each.type) {
    case 'thinking': return { type: 'thinking', seal: each.signature };
    case 'tool_use': return { type: 'tool_use', id: each.id, name: each.name, input: each.input };
    case 'tool_result':
      return { type: 'tool_result', id: each.tool_use_id, text: resultText(each.content) };
    case 'text': return { type: 'text', role, text: each.text };
    default: return { type: each.type, role };
  }
};

export function anthropicProvider() {
  const issued = new Set();
  const signature = (serial) => `EqQBCkYIBxgCKkA+/signature${serial}==`;
  return {
    name: 'anthropic',
    toml: (url) => `type = "anthropic"\nbase_url = "${url}"`,
    keyOf: (headers) => headers['x-api-key'],
    asks: ({ method, path }) => method === 'POST' && path === '/v1/messages',
    check(body, { headers }) {
      if (!headers['anthropic-version']) refuse('anthropic-version: header is required');
      shape(body, '');
      checkTurns(body.messages, issued);
      checkThinking(body);
    },
    refusal: ({ status, message: words }) => failure(status, 'invalid_request_error', words),
    view: (body) => ({
      stream: body.stream === true,
      maxTokens: body.max_tokens,
      tools: (body.tools ?? []).filter((tool) => tool.input_schema).map((tool) => tool.name),
      searches: (body.tools ?? []).some((tool) => tool.name === 'web_search' && !tool.input_schema),
      schema: body.output_config?.format?.schema,
      blocks: [
        ...(body.system ? blocksIn({ content: body.system }).map(seen('system')) : []),
        ...body.messages.flatMap((turn) => blocksIn(turn).map(seen(turn.role))),
      ],
    }),
    answer(blocks, { body, options, serial }) {
      issued.add(signature(serial));
      const content = blocks.flatMap((each) => searched(each, `srvtoolu_fake_${serial}`)).map((each) =>
        (each.type === 'thinking' ? { ...each, signature: signature(serial) } : each));
      const counts = { input_tokens: 80, cache_read_input_tokens: 20, cache_creation_input_tokens: 0,
        output_tokens: 30 };
      // Two of one id are one message to Claude Code.
      const about = { id: `msg_fake_${serial}`, model: body.model, counts };
      return body.stream
        ? sse(messageEvents(content, about), options) : json(200, message(content, about));
    },
    sealOf: (blocks, serial) => signature(serial),
  };
}
