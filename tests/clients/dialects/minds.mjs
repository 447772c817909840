// What the fake providers think, and what checks that it went round.

import assert from 'node:assert/strict';

export const greeting = 'Hello from the fake provider. 世界 🌍';
const said = (text) => [{ type: 'text', text }];

/** What fits a schema: side questions of the clients, such as for a title. */
function fitting(schema) {
  const kind = String(schema.type ?? 'string').toLowerCase();
  if (schema.enum) return schema.enum[0];
  if (kind === 'object') {
    const members = Object.entries(schema.properties ?? {});
    return Object.fromEntries(members.map(([name, each]) => [name, fitting(each)]));
  }
  return { array: [], number: 1, integer: 1, boolean: false }[kind] ?? 'a word';
}

/** Greets whoever asks. */
export const greets = (asked) =>
  (asked.schema ? said(JSON.stringify(fitting(asked.schema))) : said(greeting));

/**
 * Calls these tools when it has them, all at once, and greets when it has their results. `calls`:
 * `{ id, name, input }`.
 */
export const callsThenGreets = (...calls) => (asked) => {
  const begun = asked.blocks.some(({ type }) => type === 'tool_use');
  if (!calls.every(({ name }) => asked.tools.includes(name)) || begun) return greets(asked);
  return [
    { type: 'thinking', thinking: 'Let me look. 🤔' },
    { type: 'text', text: 'I will look.' },
    ...calls.map((call) => ({ type: 'tool_use', ...call })),
  ];
};

/** What searches find: the pages, what pieces they are the source of, and the whole. */
export const hits = [
  { url: 'https://a.example/one', title: 'a.example', piece: 'It is 世界' },
  { url: 'https://b.example/two', title: 'b.example', piece: 'or so' },
];
export const found = 'Well. 🌍 It is 世界, or so.';

/**
 * Calls the client's tool `name` for `query`, and greets when it has its result; asked to search
 * itself, finds `hits` and says `found`.
 */
export const searchesThenGreets = (query, name) => (asked) => {
  if (asked.searches) return [{ type: 'search', query, hits }, { type: 'text', text: found, cites: hits }];
  const begun = asked.blocks.some(({ type }) => type === 'tool_use');
  if (!asked.tools.includes(name) || begun) return greets(asked);
  return [{ type: 'tool_use', id: 'call_fake_01', name, input: { query } }];
};

/** The last question of those that have the tools; the others are side questions. */
const mainQuestions = ({ asked }, name) => asked.filter(({ tools }) => tools.includes(name));

/**
 * The calls came to the client and their results, which contain `shown`, and the thoughts, as the
 * provider gave them out, came back. `thoughts`: whether the client can bring them back.
 */
export function checkLoop(provider, calls, { shown, thoughts = true }) {
  const [first, second, ...more] = mainQuestions(provider, calls[0].name);
  assert(first && second, 'the tool was not called');
  assert.equal(more.length, 0, 'asked once too often');
  const { blocks } = second;
  const at = blocks.findIndex(({ type }) => type === 'tool_use');
  assert(at >= 0, JSON.stringify(blocks));
  const back = blocks.filter(({ type }) => type === 'tool_use');
  assert.deepEqual(back.map(({ id, name, input }) => ({ id, name, input })), calls);
  const results = blocks.filter(({ type }) => type === 'tool_result');
  assert.deepEqual(results.map(({ id }) => id), calls.map(({ id }) => id));
  results.forEach(({ text }, index) => assert(text.includes([shown].flat()[index]), text));
  if (!thoughts) return;
  const serial = provider.asked.indexOf(first) + 1;
  const seal = provider.vendor.sealOf(first.answered, serial);
  assert.equal(blocks.filter((each) => each.type === 'thinking' && each.seal === seal).length, 1,
    `the thought did not come back: ${JSON.stringify(blocks)}`);
}
