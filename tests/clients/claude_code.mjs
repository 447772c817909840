// What Claude Code makes of the relay. A tap stands between the two and hashes what passes.

import assert from 'node:assert/strict';
import path from 'node:path';

import { runClaude } from './claude_run.mjs';
import { envelope, failure, json, reset, sse } from './fake_provider.mjs';
import { providerStatus, relayKey, test } from './harness.mjs';
import { event, message, messageEvents } from './messages.mjs';
import { caFile, identity } from './ways.mjs';

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

const tools = [
  {
    tool: 'Bash',
    input: { command: 'echo tool-ran-here', description: 'Say where it ran' },
    shown: 'tool-ran-here',
    args: ['--allowedTools', 'Bash(echo:*)'],
  },
  { tool: 'Read', input: { file_path: 'note.txt' }, shown: 'the note says: 世界 42', args: [] },
];

/** Has the provider call a tool and then greet; what checks that it went round. */
function toolLoop(scene, fake, tool, { input, shown }) {
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
  return () => {
    assert.equal(fake.posts.length, 2);
    const { messages } = JSON.parse(fake.posts[1].body);
    const assistant = messages.find(({ role }) => role === 'assistant');
    assert.deepEqual(assistant.content.slice(0, 3), thoughts);
    assert.equal(assistant.content[3].id, call.id);
    const result = messages
      .flatMap(({ content }) => (Array.isArray(content) ? content : []))
      .find(({ type }) => type === 'tool_result');
    assert.equal(result.tool_use_id, call.id);
    assert(JSON.stringify(result.content).includes(shown), JSON.stringify(result));
  };
}

export function claudeCodeCases(claude) {
  const run = (scene, url, prompt, { token = relayKey, ...more } = {}) =>
    runClaude(claude, scene, prompt, {
      env: {
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_AUTH_TOKEN: token,
        ...(url.startsWith('https:') ? { NODE_EXTRA_CA_CERTS: caFile } : {}),
      },
      ...more,
    });

  async function setUp(scene, { count = 1, tls = false } = {}) {
    const fakes = [];
    for (let n = 0; n < count; ++n) fakes.push(await scene.provider());
    const url = await scene.relay(fakes, [], { tls });
    const tap = await scene.tap(url, tls ? identity : undefined);
    return { fakes, fake: fakes[0], tap, url };
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

  const options = { skip: claude === null };
  const throughRelay = { ...options, throughRelay: true };

  /** The relay was spoken to over TLS alone, and nobody failed to. */
  async function checkTls(url) {
    const { tls } = await providerStatus(url);
    assert(tls.handshakes > 0, 'no TLS was spoken');
    assert.equal(tls.failures + tls.timeouts + tls.plain_http, 0);
  }

  // Over TLS the tap stands between with the relay's own certificate, and speaks TLS both ways.
  for (const { name, tls } of [
    { name: 'Claude Code', tls: false },
    { name: 'Claude Code over TLS', tls: true },
  ]) {
    const way = tls ? throughRelay : options;

    test(`${name}: one turn, bytes unchanged both ways`, async (scene) => {
      const { fake, tap, url } = await setUp(scene, { tls });
      fake.answer(streamed(greeting));
      const got = await run(scene, tap.url, 'say hi');
      assert.equal(got.result, greeting[0].text);
      assert.equal(got.is_error, false);
      assert.equal(tap.posts.length, 1);
      assert.equal(fake.posts.length, 1);
      sameBytes(tap.posts[0], fake.posts[0]);
      if (tls) await checkTls(url);
    }, way);

    for (const { tool, args, ...call } of tools) {
      test(`${name}: a turn with ${tool} goes round, thinking included`, async (scene) => {
        const { fake, tap, url } = await setUp(scene, { tls });
        const check = toolLoop(scene, fake, tool, call);
        const got = await run(scene, tap.url, 'look around', { args });
        assert.equal(got.result, greeting[0].text);
        assert.equal(tap.posts.length, 2);
        check();
        fake.posts.forEach((request, index) => sameBytes(tap.posts[index], request));
        if (tls) await checkTls(url);
      }, way);
    }
  }

  test('Claude Code over TLS: comes in by the relay\'s name, nothing between', async (scene) => {
    const { fake, url } = await setUp(scene, { tls: true });
    const [{ tool, args, ...call }] = tools;
    const check = toolLoop(scene, fake, tool, call);
    const got = await run(scene, url.replace('127.0.0.1', 'localhost'), 'look around', { args });
    assert.equal(got.result, greeting[0].text);
    check();
    await checkTls(url);
  }, throughRelay);

  test('Claude Code over TLS: does not come in without knowing the authority', async (scene) => {
    const { fake, url } = await setUp(scene, { tls: true });
    const got = await runClaude(claude, scene, 'say hi', {
      env: {
        ANTHROPIC_BASE_URL: url,
        ANTHROPIC_AUTH_TOKEN: relayKey,
        CLAUDE_CODE_MAX_RETRIES: '0',
      },
    });
    assert.equal(got.is_error, true);
    assert.equal(fake.requests.length, 0);
  }, throughRelay);

  for (const [what, trouble] of [
    ['529', failure(529, 'overloaded_error', 'Overloaded')],
    ['429', failure(429, 'rate_limit_error', 'Slow down', { 'retry-after': '30' })],
    ['500', failure(500, 'api_error', 'Internal server error')],
    ['a reset', reset()],
    ['an error event first', sse([event(envelope('overloaded_error', 'Overloaded'))])],
  ]) {
    test(`Claude Code: does not notice ${what} when another provider is well`, async (scene) => {
      const { fakes: [first, second], tap } = await setUp(scene, { count: 2 });
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
      const { fakes: [first, second], tap } = await setUp(scene, { count: 2 });
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
