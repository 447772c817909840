// Messages as the Anthropic API gives them: whole, or as the events of a stream.

export const event = (data) => `event: ${data.type}\ndata: ${JSON.stringify(data)}\n\n`;

const usage = {
  input_tokens: 25,
  cache_creation_input_tokens: 0,
  cache_read_input_tokens: 0,
  output_tokens: 1,
};

/** The whole message with these content blocks. `counts`: of its usage, those that are different. */
export function message(content, options = {}) {
  const { id = 'msg_fake_01', model = 'claude-test-1', stop = stopReason(content), counts = {} } =
    options;
  return {
    id,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_reason: stop,
    stop_sequence: null,
    usage: { ...usage, output_tokens: 12, ...counts },
  };
}

/** The same as a list of events. */
export function messageParts(content, options = {}) {
  const whole = message(content, options);
  const events = [
    {
      type: 'message_start',
      message: { ...whole, content: [], stop_reason: null,
        usage: { ...whole.usage, output_tokens: 1 } },
    },
    { type: 'ping' },
  ];
  content.forEach((block, index) => {
    const { start, deltas } = inParts(block);
    events.push({ type: 'content_block_start', index, content_block: start });
    for (const delta of deltas) events.push({ type: 'content_block_delta', index, delta });
    events.push({ type: 'content_block_stop', index });
  });
  events.push(
    {
      type: 'message_delta',
      delta: { stop_reason: whole.stop_reason, stop_sequence: null },
      usage: { output_tokens: whole.usage.output_tokens },
    },
    { type: 'message_stop' },
  );
  return events;
}

/** The same as Server-Sent Events. */
export const messageEvents = (content, options) => messageParts(content, options).map(event);

const stopReason = (content) =>
  content.some((block) => block.type === 'tool_use') ? 'tool_use' : 'end_turn';

function inParts(block) {
  switch (block.type) {
    case 'text':
      return {
        start: { type: 'text', text: '', ...(block.citations ? { citations: [] } : {}) },
        deltas: [...split(block.text).map((text) => ({ type: 'text_delta', text })),
          ...(block.citations ?? []).map((citation) => ({ type: 'citations_delta', citation }))],
      };
    case 'thinking':
      return {
        start: { type: 'thinking', thinking: '', signature: '' },
        deltas: [
          ...split(block.thinking).map((thinking) => ({ type: 'thinking_delta', thinking })),
          { type: 'signature_delta', signature: block.signature },
        ],
      };
    case 'tool_use':
    case 'server_tool_use':
      return {
        start: { ...block, input: {} },
        deltas: ['', ...split(JSON.stringify(block.input))].map((partial_json) => ({
          type: 'input_json_delta',
          partial_json,
        })),
      };
    default:
      return { start: block, deltas: [] };
  }
}

// Whole code points, as a provider does it: the JSON of an event is always valid.
function split(text, size = 5) {
  const points = [...text];
  const parts = [];
  for (let at = 0; at < points.length; at += size) parts.push(points.slice(at, at + size).join(''));
  return parts;
}
