// What Claude Code makes of the relay. A tap stands between the two and hashes what passes.

import assert from 'node:assert/strict';
import path from 'node:path';

import { runClaude } from './claude_run.mjs';
import { envelope, failure, json, reset, sse } from './fake_provider.mjs';
import { relayKey, test } from './harness.mjs';
import { event, message, messageEvents } from './messages.mjs';

const greeting = [{ type: 'text', text: 'Hello from the fake provider. 世界 🌍' }];

const modelOf = (request) => JSON.parse(request.body).model;
const streamed = (content) => (record, response) =>
  sse(messageEvents(content, { model: modelOf(record) }))(record, response);

/** Answers as a provider does: as a stream when asked for one. */
const anyForm = (content) => (record, response) => {
  const model = modelOf(record);
  const { stream } = JSON.parse(record.body);
  const answer = stream ? streamed(content) : json(200, message(content, { model }));
  return answer(record, response);
};

export function claudeCodeCases(claude) {
  const run = (scene, url, prompt, { token = relayKey, ...more } = {}) =>
    runClaude(claude, scene, prompt, {
      env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: token },
      ...more,
    });

  async function setUp(scene, count = 1) {
    const fakes = [];
    for (let n = 0; n < count; ++n) fakes.push(await scene.provider());
    const tap = await scene.tap(await scene.relay(fakes));
    return { fakes, fake: fakes[0], tap };
  }

  function sameBytes(exchange, request) {
    assert.equal(exchange.status, 200);
    assert.equal(request.bodySha256, exchange.requestSha256, 'request body changed on the way');
    assert.equal(exchange.responseSha256, request.sentSha256, 'answer changed on the way');
    assert.equal(request.url, exchange.url);
    const kept = Object.keys(exchange.headers).filter((name) =>
      /^(anthropic-|x-claude-|x-stainless-|x-app|user-agent|content-type)/.test(name));
    assert(kept.includes('anthropic-beta') && kept.includes('x-claude-code-session-id'), `${kept}`);
    for (const name of kept) assert.equal(request.headers[name], exchange.headers[name], name);
  }

  const options = { skip: claude === null, seconds: 60 };
  const throughRelay = { ...options, throughRelay: true };

  test('Claude Code: one turn, bytes unchanged both ways', async (scene) => {
    const { fake, tap } = await setUp(scene);
    fake.answer(streamed(greeting));
    const got = await run(scene, tap.url, 'say hi');
    assert.equal(got.result, greeting[0].text);
    assert.equal(got.is_error, false);
    assert.equal(tap.posts.length, 1);
    assert.equal(fake.posts.length, 1);
    sameBytes(tap.posts[0], fake.posts[0]);
  }, options);

  for (const { tool, input, shown, args } of [
    {
      tool: 'Bash',
      input: { command: 'echo tool-ran-here', description: 'Say where it ran' },
      shown: 'tool-ran-here',
      args: ['--allowedTools', 'Bash(echo:*)'],
    },
    { tool: 'Read', input: { file_path: 'note.txt' }, shown: 'the note says: 世界 42', args: [] },
  ]) {
    test(`Claude Code: a turn with ${tool} goes round, thinking included`, async (scene) => {
      const { fake, tap } = await setUp(scene);
      const thoughts = [
        { type: 'thinking', thinking: 'Let me look. 🤔', signature: 'EqQBCkYIBxgCKkA+/signature==' },
        { type: 'redacted_thinking', data: 'EmwKAhgBEgyredacted+/==' },
        { type: 'text', text: 'I will look.' },
      ];
      const file = input.file_path && path.join(scene.directory, 'work', input.file_path);
      const call = {
        type: 'tool_use',
        id: 'toolu_fake_01',
        name: tool,
        input: file ? { file_path: file } : input,
      };
      fake.answer(streamed([...thoughts, call]), streamed(greeting));
      const got = await run(scene, tap.url, 'look around', { args });
      assert.equal(got.result, greeting[0].text);
      assert.equal(tap.posts.length, 2);
      assert.equal(fake.posts.length, 2);
      fake.posts.forEach((request, index) => sameBytes(tap.posts[index], request));
      const { messages } = JSON.parse(fake.posts[1].body);
      const assistant = messages.find(({ role }) => role === 'assistant');
      assert.deepEqual(assistant.content.slice(0, 3), thoughts);
      assert.equal(assistant.content[3].id, call.id);
      const result = messages
        .flatMap(({ content }) => (Array.isArray(content) ? content : []))
        .find(({ type }) => type === 'tool_result');
      assert.equal(result.tool_use_id, call.id);
      assert(JSON.stringify(result.content).includes(shown), JSON.stringify(result));
    }, options);
  }

  for (const [what, trouble] of [
    ['529', failure(529, 'overloaded_error', 'Overloaded')],
    ['429', failure(429, 'rate_limit_error', 'Slow down', { 'retry-after': '30' })],
    ['500', failure(500, 'api_error', 'Internal server error')],
    ['a reset', reset()],
    ['an error event first', sse([event(envelope('overloaded_error', 'Overloaded'))])],
  ]) {
    test(`Claude Code: does not notice ${what} when another provider is well`, async (scene) => {
      const { fakes: [first, second], tap } = await setUp(scene, 2);
      first.always(trouble);
      second.answer(streamed(greeting));
      const got = await run(scene, tap.url, 'say hi');
      assert.equal(got.result, greeting[0].text);
      assert(first.posts.length >= 1, 'the preferred provider was not asked');
      assert.equal(second.posts.length, 1);
      assert.equal(tap.posts.length, 1, 'the client had to retry');
      sameBytes(tap.posts[0], second.posts[0]);
    }, throughRelay);
  }

  test('Claude Code: finishes a tool loop while the first provider has one trouble after another',
    async (scene) => {
      const { fakes: [first, second], tap } = await setUp(scene, 2);
      const bash = (command, number) => streamed([
        { type: 'text', text: `Step ${number}.` },
        { type: 'tool_use', id: `toolu_fake_0${number}`, name: 'Bash',
          input: { command, description: 'Say which step it is' } },
      ]);
      first.answer(
        failure(529, 'overloaded_error', 'Overloaded'),
        failure(529, 'overloaded_error', 'Overloaded'),
        failure(529, 'overloaded_error', 'Overloaded'),
        failure(429, 'rate_limit_error', 'Slow down', { 'retry-after': '0' }),
      ).always(reset());
      second.answer(bash('echo first-step', 1), bash('echo second-step', 2), bash('echo third', 3),
        streamed(greeting));
      const got = await run(scene, tap.url, 'take three steps',
        { args: ['--allowedTools', 'Bash(echo:*)'] });
      assert.equal(got.result, greeting[0].text);
      assert.equal(second.posts.length, 4);
      assert(first.posts.length >= 4, 'the first provider was spared its troubles');
      assert.equal(tap.posts.length, 4, 'the client had to retry');
      tap.posts.forEach((exchange, index) => sameBytes(exchange, second.posts[index]));
    }, throughRelay);

  test('Claude Code: gets its answer although a stream breaks', async (scene) => {
    const { fake, tap } = await setUp(scene);
    const beginning = (record, response) =>
      sse(messageEvents(greeting, { model: modelOf(record) }).slice(0, 5), {
        // Not before the first part is surely through: a reset may discard what is under way.
        ending: tap.posts[0].begun,
      })(record, response);
    fake.answer(beginning).always(anyForm(greeting));
    const got = await run(scene, tap.url, 'say hi');
    assert.equal(got.result, greeting[0].text);
    assert(tap.posts.length >= 2);
  }, throughRelay);

  test('Claude Code: a wrong relay key is refused once', async (scene) => {
    const { fake, tap } = await setUp(scene);
    const got = await run(scene, tap.url, 'say hi', { token: 'not-the-key' });
    assert.equal(got.is_error, true);
    assert.equal(tap.posts.length, 1, 'the client retried');
    assert.equal(tap.posts[0].status, 401);
    assert.equal(fake.posts.length, 0);
  }, throughRelay);
}
