// What the cases have in common in which Claude Code must end as if nothing had been.

import assert from 'node:assert/strict';

import { startClaude } from './claude_run.mjs';
import { json, sse } from './fake_provider.mjs';
import { relayKey } from './harness.mjs';
import { message, messageEvents } from './messages.mjs';

export const greeting = [{ type: 'text', text: 'Hello from the fake provider. 世界 🌍' }];
/** What Claude Code prints of the greeting's first piece. */
export const firstWords = '"text":"Hello"';
/** So many events of it are enough for that. */
export const eventsOfFirstWords = 4;

export const streamed = (content, options) => (record, response) =>
  sse(messageEvents(content, { model: JSON.parse(record.body).model }), options)(record, response);

/** As a stream when asked for one. */
export const anyForm = (content) => (record, response) => {
  const { model, stream } = JSON.parse(record.body);
  const answer = stream ? streamed(content) : json(200, message(content, { model }));
  return answer(record, response);
};

/** It prints what comes as it comes. */
export const startAsking = (claude, scene, url, more = {}) =>
  startClaude(claude, scene, more.prompt ?? 'say hi', {
    env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: relayKey },
    parts: true,
    ...more,
  });

/** It ended well, with the greeting. */
export async function checkGreeted(asking) {
  const got = await asking.result;
  assert.equal(got.code, 0, JSON.stringify(got));
  assert.equal(got.is_error, false);
  assert.equal(got.result, greeting[0].text);
}

/** The provider got so many requests, no two of them alike, and gave each its whole answer. */
export async function checkAskedOnce(fake, count) {
  assert.equal(fake.posts.length, count);
  assert.equal(new Set(fake.posts.map(({ bodySha256 }) => bodySha256)).size, count, 'asked twice');
  for (const { closed } of fake.posts) assert.equal((await closed).complete, true);
}
