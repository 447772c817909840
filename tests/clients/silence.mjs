// The real Claude Code before a provider that says nothing for longer than half a minute. One case,
// and the only one that takes its time: it runs beside the others.

import assert from 'node:assert/strict';

import {
  checkAskedOnce, checkGreeted, eventsOfFirstWords, greeting, startAsking, streamed,
} from './claude_greeted.mjs';
import { test } from './harness.mjs';

/** More than two times the relay's `stream.keepalive_ms`. */
const silence = () => new Promise((resolve) => setTimeout(resolve, 32_000));

const pingsIn = (text) => text.split('event: ping\n').length - 1;

const silences = [
  {
    prompt: 'be silent before the head',
    answer: async (record, response) => {
      await silence();
      await streamed(greeting)(record, response);
    },
    kept: false,  // no status is known that pings could follow
  },
  {
    prompt: 'be silent behind the head',
    answer: streamed(greeting, { held: 0, until: silence }),
    kept: true,
  },
  {
    prompt: 'be silent between two events',
    answer: streamed(greeting, { held: eventsOfFirstWords, until: silence }),
    kept: true,
  },
];

export function silenceCases(claude) {
  const options = { skip: claude === null, throughRelay: true, beside: true };

  test('Claude Code: waits half a minute for a silent provider', async (scene) => {
    const fake = await scene.provider();
    fake.always((record, response) =>
      silences.find(({ prompt }) => record.body.includes(prompt)).answer(record, response));
    const tap = await scene.tap(await scene.relay([fake]));
    const all = await Promise.all(silences.map(({ prompt }, number) =>
      startAsking(claude, scene, tap.url, { prompt, place: `home-${number}` })));
    for (const asking of all) await checkGreeted(asking);
    await checkAskedOnce(fake, silences.length);
    assert.equal(tap.posts.length, silences.length, 'a client had to retry');
    for (const { requestSha256, answer, status } of tap.posts) {
      assert.equal(status, 200);
      const asked = fake.posts.find(({ bodySha256 }) => bodySha256 === requestSha256);
      assert(asked, 'request body changed on the way');
      const { kept } = silences.find(({ prompt }) => asked.body.includes(prompt));
      // The provider's stream has one ping of its own.
      assert.equal(pingsIn(answer) > 1, kept, answer);
    }
  }, options);
}
