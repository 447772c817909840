// Many requests at once on one HTTP/2 connection.

import assert from 'node:assert/strict';

import { sse } from './fake_provider.mjs';
import { providerStatus, relayKey, test } from './harness.mjs';
import { messageEvents } from './messages.mjs';
import { recordingFetch } from './recording_fetch.mjs';
import { checkSpoken, relayFor } from './ways.mjs';

const count = 24;

export function concurrentCases({ Anthropic }, way) {
  /** Streams that go on when the last of them has begun, each with the text of its request. */
  async function setUp(scene) {
    const fake = await scene.provider();
    let begun = 0;
    let goOn;
    const allBegun = new Promise((resolve) => (goOn = resolve));
    fake.always(async (record, response) => {
      const text = JSON.parse(record.body).messages[0].content;
      const events = messageEvents([{ type: 'text', text: text.repeat(50) }]);
      if (++begun === count) goOn();
      await allBegun;
      await sse(events, { pieceBytes: 101 })(record, response);
    });
    const url = await relayFor(way, scene, [fake]);
    const { fetch: through, ...options } = way.open(scene, url);
    const { fetch, exchanges } = recordingFetch(through);
    const client = new Anthropic({
      baseURL: url, apiKey: relayKey, authToken: null, timeout: 120_000, maxRetries: 0, fetch,
      ...options,
    });
    const stream = (number) => client.messages.stream({
      model: 'claude-test-1',
      max_tokens: 100,
      messages: [{ role: 'user', content: `answer ${number} 世界. ` }],
    });
    return { fake, url, exchanges, stream };
  }

  const numbers = Array.from({ length: count }, (_, number) => number);

  test(`${way.name}: ${count} streams at once share a connection, each with its own bytes`,
    async (scene) => {
      const { fake, url, exchanges, stream } = await setUp(scene);
      const got = await Promise.all(numbers.map((number) => stream(number).finalMessage()));
      got.forEach(({ content }, number) =>
        assert.equal(content[0].text, `answer ${number} 世界. `.repeat(50)));
      const sent = new Map(fake.requests.map((each) => [each.bodySha256, each.sentSha256]));
      assert.equal(sent.size, count);
      for (const { requestSha256, responseSha256 } of exchanges) {
        assert.equal(responseSha256, sent.get(requestSha256), 'answer changed on the way');
      }
      await checkSpoken(way, url);
      const { http2 } = await providerStatus(url);
      assert.equal(http2.streams, count);
      assert.equal(http2.client_resets, 0);
    }, { throughRelay: true });

  test(`${way.name}: a stream that is aborted leaves those beside it alone`, async (scene) => {
    const { fake, url, stream } = await setUp(scene);
    const all = numbers.map((number) => stream(number));
    const left = all.filter((_, number) => number % 3 === 0);
    for (const one of left) one.once('text', () => one.abort());
    const ended = (one) => one.finalMessage().then(() => true, () => false);
    const ends = await Promise.all(all.map(ended));
    assert.deepEqual(ends, numbers.map((number) => number % 3 !== 0));
    await Promise.all(fake.requests.map(({ closed }) => closed));
    await checkSpoken(way, url);
    const { http2 } = await providerStatus(url);
    assert.equal(http2.streams, count);
  }, { throughRelay: true });
}
