// A provider of the responses API, as strict as OpenAI's: no members that it does not know, reasoning
// items whole, with their own id and in front of what they belong to. It stores nothing.

import { json, sse } from '../fake_provider.mjs';
import { inPieces } from './pieces.mjs';
import {
  any, anyObject, count, flag, list, nullable, number, object, pattern, refuse, strictly, tagged,
  text, textOr, word,
} from './shapes.mjs';

const toolName = pattern(/^[a-zA-Z0-9_-]{1,64}$/);
const callId = pattern(/^.{1,64}$/);
const optional = { id: pattern(/^[a-z]+_/), status: nullable(text) };
const parts = list(tagged('type', {
  input_text: object({ type: text, text }),
  output_text: object({ type: text, text }, { annotations: any, logprobs: any }),
  refusal: object({ type: text, refusal: text }),
  input_image: object({ type: text }, { detail: text, image_url: text }),
  input_file: object({ type: text }, { filename: text, file_data: text, file_url: text }),
}));
const message = object({ role: word('user', 'assistant', 'system', 'developer'),
  content: textOr(parts) },
{ type: word('message'), ...optional, phase: any, internal_chat_message_metadata_passthrough: any });
const output = textOr(parts);
const items = {
  message,
  reasoning: object({ type: text, id: pattern(/^rs_/), summary: list(
    object({ type: word('summary_text'), text }), 0) },
  { encrypted_content: text, content: nullable(list(object({ type: text, text }), 0)),
    status: any }),
  function_call: object({ type: text, call_id: callId, name: toolName, arguments: text },
    { ...optional, namespace: text }),
  function_call_output: object({ type: text, call_id: callId, output }, optional),
  custom_tool_call: object({ type: text, call_id: callId, name: toolName, input: text }, optional),
  custom_tool_call_output: object({ type: text, call_id: callId, output }, optional),
  tool_search_call: anyObject,
  tool_search_output: anyObject,
  additional_tools: anyObject,
};
const functionTool = strictly(object(
  { type: text, name: toolName, parameters: nullable(anyObject), strict: nullable(flag) },
  { description: text, defer_loading: flag, output_schema: any }), 'parameters');
const customTool = object({ type: text, name: toolName },
  { description: text, format: anyObject, defer_loading: flag });
const tool = tagged('type', {
  function: functionTool,
  custom: customTool,
  namespace: object({ type: text, name: toolName, description: text, tools: list(
    tagged('type', { function: functionTool, custom: customTool })) }),
  web_search: anyObject,
  tool_search: anyObject,
});
const shape = object({ model: text, input: textOr(list(tagged('type', items, 'message'))) }, {
  instructions: nullable(text), max_output_tokens: nullable(count(16)), metadata: any,
  max_tool_calls: nullable(count(1)),
  parallel_tool_calls: flag, prompt_cache_key: text, prompt_cache_retention: text, store: flag,
  reasoning: nullable(object({}, { summary: nullable(word('auto', 'concise', 'detailed')),
    effort: nullable(word('none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max')),
    context: any })),
  include: list(word('reasoning.encrypted_content', 'web_search_call.action.sources',
    'message.output_text.logprobs'), 0),
  service_tier: text, stream: flag, stream_options: any, temperature: nullable(number(0, 2)),
  top_p: nullable(number(0, 1)), safety_identifier: text, truncation: text, user: text,
  text: object({}, { verbosity: word('low', 'medium', 'high'), format: tagged('type', {
    text: object({ type: text }),
    json_object: object({ type: text }),
    json_schema: strictly(object({ type: text, name: toolName, schema: anyObject },
      { strict: nullable(flag), description: text })) }) }),
  tool_choice: textOr(object({ type: text }, { name: toolName, mode: text, tools: any })),
  tools: list(tool, 0), client_metadata: anyObject,
});

const pairs = { function_call: 'function_call_output', custom_tool_call: 'custom_tool_call_output' };

function checkItems(input, issued) {
  const open = new Map();
  let reasoning = null;
  for (const [index, item] of input.entries()) {
    const at = `input[${index}]`;
    if (item.type === 'reasoning') {
      if (!item.encrypted_content) {
        refuse(`Item with id '${item.id}' not found. Items are not persisted when \`store\` is set `
          + 'to false.', { param: at });
      }
      if (issued.get(item.id) !== item.encrypted_content) {
        refuse('The encrypted content could not be verified. Reason: Encrypted content item_id did '
          + 'not match the target item id.', { param: at, code: 'invalid_encrypted_content' });
      }
      reasoning = item;
      continue;
    }
    const follows = item.role === 'assistant' || item.type in pairs;
    if (reasoning && !follows) break;
    reasoning = null;
    if (item.type in pairs) {
      if (item.type === 'function_call') JSON.parse(item.arguments);
      open.set(item.call_id, pairs[item.type]);
    }
    if (Object.values(pairs).includes(item.type)) {
      if (open.get(item.call_id) !== item.type) {
        refuse(`No tool call found for function call output with call_id ${item.call_id}.`,
          { param: 'input' });
      }
      open.delete(item.call_id);
    }
  }
  if (reasoning) {
    refuse(`Item '${reasoning.id}' of type 'reasoning' was provided without its required following `
      + 'item.', { param: 'input' });
  }
  if (open.size > 0) {
    refuse(`No tool output found for function call ${[...open.keys()]}.`, { param: 'input' });
  }
}

function checkModel(body) {
  if (/^(o\d|gpt-[5-9])/.test(body.model)) {
    for (const name of ['temperature', 'top_p']) {
      if (typeof body[name] === 'number' && body[name] !== 1) {
        refuse(`Unsupported parameter: '${name}' is not supported with this model.`,
          { param: name, code: 'unsupported_parameter' });
      }
    }
  }
}

const textOf = (content) =>
  (typeof content === 'string' ? content : content.map((part) => part.text ?? '').join(''));

function blocksOf(item) {
  switch (item.type) {
    case 'reasoning':
      return [{ type: 'thinking', seal: item.encrypted_content }];
    case 'function_call':
      return [{ type: 'tool_use', id: item.call_id, name: item.name,
        input: JSON.parse(item.arguments) }];
    case 'custom_tool_call':
      return [{ type: 'tool_use', id: item.call_id, name: item.name, input: { input: item.input } }];
    case 'function_call_output':
    case 'custom_tool_call_output':
      return [{ type: 'tool_result', id: item.call_id, text: textOf(item.output) }];
    case undefined:
    case 'message': {
      const { role, content } = item;
      const image = Array.isArray(content) && content.some(({ type }) => type === 'input_image');
      return [...(image ? [{ type: 'image', role }] : []), { type: 'text', role, text: textOf(content) }];
    }
    default:
      return [];
  }
}

export function responsesProvider() {
  const issued = new Map();
  return {
    name: 'responses',
    toml: (url) =>
      `type = "openai"\napi = "responses"\nprofile = "openai"\nbase_url = "${url}/v1"`,
    keyOf: (headers) => headers.authorization?.replace(/^Bearer /, ''),
    asks: ({ method, path }) => method === 'POST' && path === '/v1/responses',
    check(body) {
      shape(body, '');
      checkModel(body);
      if (typeof body.input !== 'string') checkItems(body.input, issued);
    },
    refusal: ({ status, message: words, param, code }) => json(status,
      { error: { message: words, type: 'invalid_request_error', param, code } }),
    view: (body) => ({
      stream: body.stream === true,
      maxTokens: body.max_output_tokens,
      tools: (body.tools ?? []).map(({ name }) => name).filter(Boolean),
      searches: (body.tools ?? []).some(({ type }) => type === 'web_search'),
      schema: body.text?.format?.schema,
      blocks: [
        ...(body.instructions ? [{ type: 'text', role: 'system', text: body.instructions }] : []),
        ...(typeof body.input === 'string'
          ? [{ type: 'text', role: 'user', text: body.input }] : body.input.flatMap(blocksOf)),
      ],
    }),
    answer(blocks, { body, options, serial }) {
      const output = blocks.map((block, index) => itemOf(block, `${serial}_${index}`, body));
      for (const item of output) if (item.type === 'reasoning') issued.set(item.id, item.kept);
      const bare = output.map(({ kept, ...item }) => item);
      return body.stream ? sse(streamOf(bare, body), options) : json(200, whole(bare, body));
    },
    /** What must come back of this thought. */
    sealOf: (blocks, serial) => {
      const index = blocks.findIndex(({ type }) => type === 'thinking');
      return issued.get(`rs_fake_${serial}_${index}`);
    },
  };
}

function itemOf(block, id, body) {
  const asked = body.include?.includes('reasoning.encrypted_content');
  switch (block.type) {
    case 'thinking': {
      const kept = `gAAAAAB+/fake==${id}`;
      return { id: `rs_fake_${id}`, type: 'reasoning', kept,
        summary: body.reasoning?.summary ? [{ type: 'summary_text', text: block.thinking }] : [],
        ...(asked ? { encrypted_content: kept } : {}) };
    }
    case 'text':
      return { id: `msg_fake_${id}`, type: 'message', status: 'completed', role: 'assistant',
        content: [{ type: 'output_text', text: block.text, logprobs: [],
          annotations: (block.cites ?? []).map(({ piece, url, title }) => {
            const start = [...block.text.slice(0, block.text.indexOf(piece))].length;
            return { type: 'url_citation', url, title, start_index: start,
              end_index: start + [...piece].length };
          }) }] };
    case 'search':
      return { id: `ws_fake_${id}`, type: 'web_search_call', status: 'completed',
        action: { type: 'search', query: block.query,
          ...(body.include?.includes('web_search_call.action.sources')
            ? { sources: block.hits.map(({ url }) => ({ type: 'url', url })) } : {}) } };
    case 'custom':
      return { id: `ctc_fake_${id}`, type: 'custom_tool_call', status: 'completed',
        call_id: block.id, name: block.name, input: block.input };
    default:
      return { id: `fc_fake_${id}`, type: 'function_call', status: 'completed', call_id: block.id,
        name: block.name, arguments: JSON.stringify(block.input) };
  }
}

function whole(output, body, status = 'completed') {
  return {
    id: 'resp_fake_01', object: 'response', created_at: 1790000000, status, background: false,
    error: null, incomplete_details: null, instructions: body.instructions ?? null,
    max_output_tokens: body.max_output_tokens ?? null, metadata: {},
    model: `${body.model}-2026-01-01`, output, parallel_tool_calls: true,
    previous_response_id: null, reasoning: { effort: 'medium', summary: null }, store: false,
    temperature: 1, text: { format: { type: 'text' }, verbosity: 'medium' }, tool_choice: 'auto',
    tools: body.tools ?? [], top_p: 1, truncation: 'disabled', user: null,
    usage: status === 'completed' ? {
      input_tokens: 100, input_tokens_details: { cached_tokens: 20 }, output_tokens: 30,
      output_tokens_details: { reasoning_tokens: 10 }, total_tokens: 130 } : null,
  };
}

function streamOf(output, body) {
  const events = [];
  const tell = (type, more) => events.push(
    `event: ${type}\ndata: ${JSON.stringify({ type, ...more, sequence_number: events.length })}\n\n`);
  tell('response.created', { response: whole([], body, 'in_progress') });
  tell('response.in_progress', { response: whole([], body, 'in_progress') });
  output.forEach((item, output_index) => tellItem(tell, item, output_index));
  tell('response.completed', { response: whole(output, body) });
  return events;
}

function tellItem(tell, item, output_index) {
  const at = { item_id: item.id, output_index };
  const begin = (empty) => tell('response.output_item.added', { output_index,
    item: { ...item, ...empty, ...(item.type === 'reasoning' ? {} : { status: 'in_progress' }) } });
  if (item.type === 'reasoning') {
    begin({ summary: [] });
    item.summary.forEach((part, summary_index) => {
      const of = { ...at, summary_index };
      tell('response.reasoning_summary_part.added', { ...of, part: { ...part, text: '' } });
      for (const delta of inPieces(part.text)) {
        tell('response.reasoning_summary_text.delta', { ...of, delta });
      }
      tell('response.reasoning_summary_text.done', { ...of, text: part.text });
      tell('response.reasoning_summary_part.done', { ...of, part });
    });
  } else if (item.type === 'message') {
    const [part] = item.content;
    const of = { ...at, content_index: 0 };
    begin({ content: [] });
    tell('response.content_part.added', { ...of, part: { ...part, text: '', annotations: [] } });
    for (const delta of inPieces(part.text)) {
      tell('response.output_text.delta', { ...of, delta, logprobs: [] });
    }
    part.annotations.forEach((annotation, annotation_index) =>
      tell('response.output_text.annotation.added', { ...of, annotation_index, annotation }));
    tell('response.output_text.done', { ...of, text: part.text, logprobs: [] });
    tell('response.content_part.done', { ...of, part });
  } else if (item.type === 'web_search_call') {
    begin({ action: undefined });
    for (const step of ['in_progress', 'searching', 'completed']) {
      tell(`response.web_search_call.${step}`, at);
    }
  } else {
    const [member, word] = item.type === 'function_call'
      ? ['arguments', 'response.function_call_arguments']
      : ['input', 'response.custom_tool_call_input'];
    begin({ [member]: '' });
    for (const delta of inPieces(item[member])) tell(`${word}.delta`, { ...at, delta });
    tell(`${word}.done`, { ...at, [member]: item[member], name: item.name });
  }
  tell('response.output_item.done', { output_index, item });
}
