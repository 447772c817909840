// Bedrock and Vertex with the relay in front of them, and how they answer.

import assert from 'node:assert/strict';

import { bedrockError, bedrockFrames, bedrockStream, clouds } from './clouds.mjs';
import { failure, json, sse } from './fake_provider.mjs';
import { direct, relayKey } from './harness.mjs';
import { messageEvents } from './messages.mjs';

export const question = {
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Grüß dich, 世界 🌍' }],
};
export const answer = [{ type: 'text', text: 'Schön. 世界 🌍\n"quoted" \\ and 1.0e5' }];
export const everything = [
  { type: 'thinking', thinking: 'Was will er? 🤔', signature: 'EqQBCkYIBxgCKkA+/signature==' },
  { type: 'redacted_thinking', data: 'EmwKAhgBEgyredacted+/==' },
  ...answer,
  { type: 'tool_use', id: 'toolu_fake_01', name: 'get_weather', input: { city: 'Łódź', n: 1.5 } },
];

export const googleError = (status, word, text) =>
  json(status, { error: { code: status, message: text, status: word } });

/** How each cloud answers. */
export const forms = {
  Bedrock: {
    model: 'anthropic.claude-test-1-v1:0',
    stream: (content, options) => bedrockStream(bedrockFrames(content), options),
    errors: [
      bedrockError(400, 'ValidationException', 'messages.0: all messages must have content'),
      bedrockError(404, 'ResourceNotFoundException', 'Could not resolve the foundation model'),
      bedrockError(413, 'RequestEntityTooLargeException', 'Request is too large'),
      bedrockError(429, 'ThrottlingException', 'Too many requests', { 'retry-after': '7' }),
      bedrockError(500, 'InternalServerException', 'The system encountered an error'),
      bedrockError(503, 'ServiceUnavailableException', 'Bedrock is unable to process'),
    ],
  },
  Vertex: {
    model: 'claude-test-1@20990101',
    stream: (content, options) => sse(messageEvents(content), options),
    errors: [
      failure(400, 'invalid_request_error', 'messages.0: all messages must have content'),
      googleError(404, 'NOT_FOUND', 'Publisher Model was not found'),
      googleError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded'),
      failure(500, 'api_error', 'Internal server error'),
      googleError(503, 'UNAVAILABLE', 'The service is currently unavailable.'),
    ],
  },
};

/** Everything of a stream, and how it ended. */
export async function read(pending) {
  const events = [];
  const error = await (async () => {
    for await (const event of await pending) events.push(event);
  })().then(() => null, (reason) => reason);
  return { events, error };
}

export const refusal = (pending) => pending.then(() => assert.fail('no error'), (reason) => reason);

/**
 * A fake cloud, the relay in front of it at `url`, and clients that retry nothing: the vendor's
 * `own` at the cloud, and the plain SDK as `client` at the relay.
 */
export async function cloudScene(scene, packages, name, relayOptions) {
  const cloud = clouds(packages)[name];
  const fake = await scene.provider();
  const own = cloud.client(fake.url, { maxRetries: 0 });
  if (direct) return { cloud, fake, own, url: fake.url };
  const { toml, env } = await cloud.provider(scene, fake.url);
  const url = await scene.relayTo(toml, { env, ...relayOptions });
  const client = new packages.Anthropic({
    baseURL: url,
    apiKey: relayKey,
    authToken: null,
    maxRetries: 0,
  });
  return { cloud, fake, own, url, client };
}
