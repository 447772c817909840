// What the Anthropic SDK makes of the relay.

import assert from 'node:assert/strict';

import { failure, json, envelope, sha256, sse } from './fake_provider.mjs';
import { direct, providerKey, relayKey, test as testOne } from './harness.mjs';
import { event, message, messageEvents } from './messages.mjs';
import { recordingFetch } from './recording_fetch.mjs';
import { checkSpoken, plain, relayFor } from './ways.mjs';

const question = {
  model: 'claude-test-1',
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Grüß dich, 世界 🌍' }],
};
const answer = [{ type: 'text', text: 'Schön, dass du da bist. 世界 🌍\n"quoted" \\ and 1.0e5' }];
const thoughts = [
  { type: 'thinking', thinking: 'Was will er? 🤔', signature: 'EqQBCkYIBxgCKkA+/signature==' },
  { type: 'redacted_thinking', data: 'EmwKAhgBEgyredacted+/==' },
  ...answer,
];
const weather = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};

/** Cases of an SDK that reaches the relay in one of the `ways`. */
export function sdkCases({ Anthropic, APIError }, way) {
  function test(name, body, { throughRelay = way !== plain } = {}) {
    testOne(`${way.name}: ${name}`, async (scene) => {
      await body(scene);
      if (!direct) await checkSpoken(way, scene.url);
    }, { throughRelay });
  }

  function connect(scene, url, options = {}) {
    scene.url = url;
    const { fetch: through, ...wayOptions } = way.open(scene, url);
    const { fetch, exchanges } = recordingFetch(through);
    const client = new Anthropic({
      baseURL: url,
      apiKey: relayKey,
      authToken: null,
      timeout: 120_000,
      fetch,
      ...wayOptions,
      ...options,
    });
    return { client, exchanges };
  }

  /** A provider, a relay in front of it and a client of that. */
  async function setUp(scene, options) {
    const fake = await scene.provider();
    return { fake, ...connect(scene, await relayFor(way, scene, [fake]), options) };
  }

  function sameBytes(exchange, request) {
    assert.equal(request.bodySha256, exchange.requestSha256, 'request body changed on the way');
    assert.equal(exchange.responseSha256, request.sentSha256, 'answer changed on the way');
  }

  test('a message comes back whole, bytes unchanged both ways', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    fake.answer(json(200, message(answer)));
    const got = await client.messages.create(question);
    assert.deepEqual(got.content, answer);
    assert.match(got._request_id, /^req_fake_/);
    assert.equal(fake.requests.length, 1);
    assert.equal(fake.requests[0].url, '/v1/messages');
    sameBytes(exchanges[0], fake.requests[0]);
    for (const name of ['anthropic-version', 'user-agent', 'x-stainless-lang', 'content-type']) {
      assert.equal(fake.requests[0].headers[name], exchanges[0].headers.get(name), name);
    }
  });

  for (const pieceBytes of [0, 7]) {
    const cut = pieceBytes ? `cut every ${pieceBytes} bytes` : 'one event per write';
    test(`a stream, ${cut}, arrives byte for byte`, async (scene) => {
      const { fake, client, exchanges } = await setUp(scene);
      fake.answer(sse(messageEvents(answer), { pieceBytes }));
      let text = '';
      for await (const part of await client.messages.create({ ...question, stream: true })) {
        if (part.delta?.type === 'text_delta') text += part.delta.text;
      }
      assert.equal(text, answer[0].text);
      sameBytes(exchanges[0], fake.requests[0]);
      assert.match(exchanges[0].responseHeaders.get('content-type'), /^text\/event-stream/);
      assert.match(exchanges[0].responseHeaders.get('request-id'), /^req_fake_/);
    });
  }

  test('a tool loop keeps ids and history byte for byte', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    const input = { city: 'Łódź' };
    const call = { type: 'tool_use', id: 'toolu_fake_01', name: 'get_weather', input };
    fake.answer(sse(messageEvents([...thoughts, call])), sse(messageEvents(answer)));
    const turn = { ...question, tools: [weather] };
    const first = await client.messages.stream(turn).finalMessage();
    assert.equal(first.stop_reason, 'tool_use');
    assert.deepEqual(first.content.at(-1), call);
    turn.messages = [
      ...turn.messages,
      { role: 'assistant', content: first.content },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: call.id, content: '12 °C, ☔' }],
      },
    ];
    const second = await client.messages.stream(turn).finalMessage();
    assert.deepEqual(second.content, answer);
    assert.equal(fake.requests.length, 2);
    fake.requests.forEach((request, index) => sameBytes(exchanges[index], request));
    const sent = JSON.parse(fake.requests[1].body);
    assert.deepEqual(sent.messages[1].content, [...thoughts, call]);
    assert.equal(sent.messages[2].content[0].content, '12 °C, ☔');
  });

  test('thinking, its signature and redacted thinking add up', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    fake.answer(sse(messageEvents(thoughts), { pieceBytes: 11 }));
    const got = await client.messages.stream(question).finalMessage();
    assert.deepEqual(got.content, thoughts);
    sameBytes(exchanges[0], fake.requests[0]);
  });

  test('aborting a stream closes the provider connection', async (scene) => {
    const { fake, client } = await setUp(scene);
    const beginning = messageEvents(answer).slice(0, 5);
    fake.answer(sse(beginning, { ending: 'hold' }));
    const stream = await client.messages.create({ ...question, stream: true });
    for await (const part of stream) {
      if (part.type === 'content_block_delta') break;
    }
    stream.controller.abort();
    const closed = await fake.requests[0].closed;
    assert.equal(closed.complete, false);
  });

  test('aborting before an answer closes the provider connection', async (scene) => {
    const { fake, client } = await setUp(scene);
    const controller = new AbortController();
    fake.answer(() => controller.abort());
    const pending = client.messages.create(question, { signal: controller.signal });
    await assert.rejects(pending, /aborted/i);
    const closed = await fake.requests[0].closed;
    assert.equal(closed.complete, false);
  });

  test('an overload that passes is not seen by the client', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    const overloaded = failure(529, 'overloaded_error', 'Overloaded');
    fake.answer(overloaded, overloaded, json(200, message(answer)));
    const got = await client.messages.create(question);
    assert.deepEqual(got.content, answer);
    assert.equal(exchanges.length, 1, 'the client had to retry');
    assert.equal(fake.requests.length, 3);
    for (const { headers, bodySha256 } of fake.requests) {
      assert.equal(headers['x-stainless-retry-count'], '0');
      assert.equal(bodySha256, exchanges[0].requestSha256);
    }
  }, { throughRelay: true });

  test('an overload that stays ends in the provider\'s own error', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    fake.always(failure(529, 'overloaded_error', 'Overloaded, says the fake'));
    const error = await client.messages.create(question).then(() => null, (reason) => reason);
    assert(error instanceof APIError, `${error}`);
    assert.equal(error.status, 529);
    assert.deepEqual(error.error, envelope('overloaded_error', 'Overloaded, says the fake'));
    assert.equal(exchanges.length, 3, 'one request and the SDK\'s two retries');
    const counts = new Set(fake.requests.map(({ headers }) => headers['x-stainless-retry-count']));
    assert.deepEqual([...counts], ['0', '1', '2']);
    assert.equal(exchanges.at(-1).responseSha256, fake.requests[0].sentSha256);
  });

  test('a provider\'s 400 comes through as it was, once', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    const text = 'prompt is too long: 210000 tokens > 200000 maximum';
    fake.answer(failure(400, 'invalid_request_error', text));
    const error = await client.messages.create(question).then(() => null, (reason) => reason);
    assert.equal(error.status, 400);
    assert.equal(error.error.error.message, text);
    assert.match(error.requestID, /^req_fake_/);
    assert.equal(exchanges.length, 1);
    assert.equal(fake.requests.length, 1);
    sameBytes(exchanges[0], fake.requests[0]);
  });

  test('a provider lost mid-stream is an error, not an end', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    let seen;
    const gate = new Promise((resolve) => (seen = resolve));
    fake.answer(sse(messageEvents(answer).slice(0, 5), { ending: gate }));
    const types = [];
    const error = await (async () => {
      for await (const part of await client.messages.create({ ...question, stream: true })) {
        types.push(part.type);
        if (part.type === 'content_block_delta') seen();
      }
    })().then(() => null, (reason) => reason);
    assert(error, 'the stream ended as if all were well');
    assert(error instanceof APIError, `expected an in-band error event, got ${error}`);
    assert.equal(error.error.type, 'error');
    assert.equal(typeof error.error.error.message, 'string');
    assert(types.includes('content_block_delta') && !types.includes('message_stop'), `${types}`);
    assert.equal(exchanges.length, 1);
  }, { throughRelay: true });

  test('an error event from the provider passes through', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    const last = event(envelope('overloaded_error', 'Overloaded in the middle'));
    fake.answer(sse([...messageEvents(answer).slice(0, 5), last]));
    const stream = client.messages.stream(question);
    const error = await stream.finalMessage().then(() => null, (reason) => reason);
    assert(error instanceof APIError, `${error}`);
    assert.equal(error.error.error.message, 'Overloaded in the middle');
    assert.equal(exchanges.length, 1);
  });

  test('an error event first goes to the next provider unseen', async (scene) => {
    const [first, second] = [await scene.provider(), await scene.provider()];
    const early = event(envelope('overloaded_error', 'Overloaded'));
    first.always(sse([messageEvents(answer)[0], early]));
    second.answer(sse(messageEvents(answer)));
    const { client, exchanges } = connect(scene, await relayFor(way, scene, [first, second]));
    const got = await client.messages.stream(question).finalMessage();
    assert.deepEqual(got.content, answer);
    assert.equal(exchanges.length, 1);
    sameBytes(exchanges[0], second.requests[0]);
  }, { throughRelay: true });

  test('a mapped model is the only thing that changes', async (scene) => {
    const fake = await scene.provider();
    fake.answer(json(200, message(answer, { model: 'glm-9' })));
    const mapping = 'model_mapping = { "claude-test-1" = "glm-9" }';
    const { client, exchanges } = connect(scene, await relayFor(way, scene, [fake], [mapping]));
    await client.messages.create(question);
    const body = fake.requests[0].body.toString();
    assert.equal(JSON.parse(body).model, 'glm-9');
    const back = body.replace('"glm-9"', '"claude-test-1"');
    assert.equal(sha256(back), exchanges[0].requestSha256);
    assert.equal(exchanges[0].responseSha256, fake.requests[0].sentSha256);
  }, { throughRelay: true });

  test('the models can be listed', async (scene) => {
    const fake = await scene.provider();
    const names = ['claude-test-1', 'claude-test-2'];
    if (direct) {
      const data = names.map((id) => ({ type: 'model', id, display_name: id, created_at: '' }));
      fake.answer(json(200, { data, has_more: false, first_id: names[0], last_id: names[1] }));
    }
    const served = [`models = ${JSON.stringify(names)}`];
    const { client } = connect(scene, await relayFor(way, scene, [fake], served));
    const models = [];
    for await (const model of client.models.list({ limit: 1000 })) models.push(model);
    assert.deepEqual(models.map(({ id }) => id).sort(), names);
    assert(models.every(({ type, display_name }) => type === 'model' && display_name));
  });

  test('tokens can be counted', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene);
    fake.answer(json(200, { input_tokens: 2095 }));
    const { model, messages } = question;
    assert.equal((await client.messages.countTokens({ model, messages })).input_tokens, 2095);
    assert.equal(fake.requests[0].url, '/v1/messages/count_tokens');
    sameBytes(exchanges[0], fake.requests[0]);
  });

  test('a wrong relay key is refused once, no provider is asked', async (scene) => {
    const { fake, client, exchanges } = await setUp(scene, { apiKey: 'not-the-key' });
    const error = await client.messages.create(question).then(() => null, (reason) => reason);
    assert.equal(error.status, 401);
    assert.equal(error.error.error.type, 'authentication_error');
    assert(!JSON.stringify(error.error).includes('not-the-key'), 'the answer repeats the key');
    assert.equal(exchanges.length, 1);
    assert.equal(exchanges[0].responseHeaders.get('x-should-retry'), 'false');
    assert.equal(fake.requests.length, 0);
  }, { throughRelay: true });

  const asHeader = { 'x-api-key': relayKey };
  for (const [how, options] of [
    ['as x-api-key', { apiKey: null, defaultHeaders: { ...asHeader, authorization: null } }],
    ['as Bearer', { apiKey: null, authToken: relayKey }],
    ['as both', { apiKey: relayKey, defaultHeaders: asHeader }],
  ]) {
    test(`the relay key ${how} is accepted and stays at the relay`, async (scene) => {
      const { fake, client } = await setUp(scene, options);
      fake.answer(json(200, message(answer)));
      await client.messages.create(question);
      const { headers } = fake.requests[0];
      assert.equal(headers['x-api-key'], providerKey);
      assert.equal(headers.authorization, undefined);
      // That relayKey is in nothing a provider saw is checked after every case.
    }, { throughRelay: true });
  }
}
