// The vendors' own SDKs as the measure of what a cloud gets: the same call made by the SDK to a
// recorder, and by the plain SDK through the relay to the same recorder.

import assert from 'node:assert/strict';

import { readAuthorization } from './aws4_check.mjs';
import { bedrockFrames, bedrockStream, clouds } from './clouds.mjs';
import { json, sse } from './fake_provider.mjs';
import { direct, relayKey, test } from './harness.mjs';
import { message, messageEvents } from './messages.mjs';

const question = {
  max_tokens: 100,
  messages: [{ role: 'user', content: 'Grüß dich, 世界 🌍 "quoted" \\ \u2028 <&> 1.0e5' }],
};
const answer = [{ type: 'text', text: 'Schön. 世界 🌍' }];
const tool = {
  name: 'get_weather',
  description: 'Weather of a city',
  input_schema: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
};
const ephemeral = { type: 'ephemeral', ttl: '1h' };

const create = (params) => (client, model) =>
  client.messages.create({ model, ...question, ...params });
const beta = (params) => (client, model) =>
  client.beta.messages.create({ model, ...question, ...params });

const calls = {
  'a message': create({}),
  'a stream': create({ stream: true }),
  'betas': beta({
    betas: ['interleaved-thinking-2025-05-14', 'context-management-2025-06-27'],
    context_management: { edits: [{ type: 'clear_tool_uses_20250919' }] },
  }),
  'betas and a stream': beta({ betas: ['interleaved-thinking-2025-05-14'], stream: true }),
  'tools': create({
    tools: [tool, { ...tool, name: 'other', cache_control: ephemeral }],
    tool_choice: { type: 'tool', name: 'get_weather', disable_parallel_tool_use: true },
  }),
  'thinking and what was thought before': create({
    thinking: { type: 'enabled', budget_tokens: 1024 },
    max_tokens: 2048,
    messages: [
      ...question.messages,
      {
        role: 'assistant',
        content: [
          { type: 'thinking', thinking: 'Was will er? 🤔', signature: 'EqQBCkYIBxgCKkA+/sig==' },
          { type: 'redacted_thinking', data: 'EmwKAhgBEgyredacted+/==' },
          { type: 'tool_use', id: 'toolu_fake_01', name: 'get_weather', input: { city: 'Łódź' } },
        ],
      },
      {
        role: 'user',
        content: [{ type: 'tool_result', tool_use_id: 'toolu_fake_01', content: '12 °C, ☔' }],
      },
    ],
    tools: [tool],
  }),
  'a system prompt in parts to be cached': create({
    system: [
      { type: 'text', text: 'You are brief.' },
      { type: 'text', text: 'And kind.', cache_control: ephemeral },
    ],
    stop_sequences: ['\n\nHuman:'],
    metadata: { user_id: '{"session_id":"a\\"b"}' },
    temperature: 0.3,
  }),
  'an image': create({
    messages: [{
      role: 'user',
      content: [{
        type: 'image',
        source: { type: 'base64', media_type: 'image/png', data: 'iVBORw0KGgo=' },
      }],
    }],
  }),
  'a user profile': create({ user_profile_id: 'uprof_fake_01' }),
  'fields that nobody knows yet': create({
    futuristic: { model: 'm', stream: false, n: [1, null] },
  }),
};

const modelsOf = {
  'Bedrock': {
    'an inference profile': 'eu.anthropic.claude-test-1-20990101-v1:0',
    'an ARN with slashes':
      'arn:aws:bedrock:eu-central-1:123456789012:application-inference-profile/a1b2c3d4',
    'a name with everything in it': "we ird+name(1)!*'~$&,=@;%2F%zz/ü",
  },
  'Vertex': {
    'a model without a version': 'claude-test-1',
    'a name with everything in it': "we ird+name(1)!*'~$&,=;%2F%zz/ü",
  },
  'Foundry': { 'a deployment with everything in its name': 'déploiement/1:0 "x"' },
};

const matter = [
  'anthropic-beta',
  'anthropic-user-profile-id',
  'anthropic-version',
  'anthropic-workspace-id',
  'content-type',
  'x-amz-security-token',
];

/**
 * A request as the cloud reads it. Paths are compared by their decoded segments: in a path `:`, `@`
 * and the sub-delims may stand as they are, as in the SDKs', or encoded, as in the relay's
 * (RFC 3986 section 3.3); both are signed as they were sent.
 */
function shape({ method, url, headers, body }, { anyKeyHeader }) {
  const [path, query = ''] = url.split('?');
  const kept = matter.filter((name) => headers[name] !== undefined);
  const auth = readAuthorization(headers.authorization);
  const credential = { authorization: headers.authorization, key: headers['x-api-key'] };
  return {
    method,
    path: path.split('/').map(decodeURIComponent),
    query: [...new URLSearchParams(query)],
    headers: Object.fromEntries(kept.map((name) => [name, headers[name].split(/, */)])),
    // But for the day, which may have begun between the two.
    credential: auth
      ? [auth.accessKeyId, auth.region, auth.service, auth.end]
      : !anyKeyHeader && credential,
    body: JSON.parse(body),
  };
}

function answering(fake) {
  fake.always((record, response) => {
    const { pathname } = new URL(record.url, fake.url);
    const streams = /:streamRawPredict$/.test(pathname) || JSON.parse(record.body).stream;
    const reply = /count[-_]tokens/.test(pathname)
      ? json(200, { input_tokens: 2095 })
      : pathname.endsWith('/invoke-with-response-stream')
        ? bedrockStream(bedrockFrames(answer))
        : streams ? sse(messageEvents(answer)) : json(200, message(answer));
    return reply(record, response);
  });
}

export function cloudSdkCases(packages) {
  const { Anthropic } = packages;
  const known = clouds(packages);
  const plain = (url) =>
    new Anthropic({ baseURL: url, apiKey: relayKey, authToken: null, timeout: 120_000 });

  // The answer is read to its end: what is left of it would hold the connection.
  async function finish(pending) {
    const result = await pending;
    if (result[Symbol.asyncIterator]) for await (const _ of result);
  }

  /** `asked`: what the plain SDK calls the model, which the relay then maps. */
  async function compare(scene, name, model, call, asked = model) {
    const cloud = known[name];
    const fake = await scene.provider();
    answering(fake);
    const own = () => cloud.client(fake.url, { maxRetries: 0 });
    const relayed = async () => {
      const mapping = `model_mapping = { ${JSON.stringify(asked)} = ${JSON.stringify(model)} }`;
      const { toml, env } = await cloud.provider(scene, fake.url, asked === model ? [] : [mapping]);
      return plain(await scene.relayTo(toml, { env }));
    };
    await finish(call(own(), model));
    await finish(direct ? call(own(), model) : call(await relayed(), asked));
    assert.equal(fake.requests.length, 2);
    const [expected, got] = fake.requests;
    assert.equal(cloud.wrong(expected), '', 'the check of the credential does not know the SDK');
    assert.equal(cloud.wrong(got), '', 'credential of the relay');
    assert.deepEqual(shape(got, cloud), shape(expected, cloud));
  }

  test('Bedrock: the check of signatures notices what was changed on the way', async (scene) => {
    const { client, model, wrong } = known.Bedrock;
    const fake = await scene.provider();
    answering(fake);
    await finish(create({})(client(fake.url), model));
    const [request] = fake.requests;
    assert.equal(wrong(request), '');
    const { headers } = request;
    for (const changed of [
      { body: `${request.body} ` },
      { url: request.url.replace(':', '%3A') },
      { url: `${request.url}?a=1` },
      { method: 'PUT' },
      { headers: { ...headers, 'anthropic-beta': 'b', authorization:
        headers.authorization.replace('SignedHeaders=', 'SignedHeaders=anthropic-beta;') } },
      { headers: { ...headers, 'content-type': 'text/plain' } },
      { headers: { ...headers, 'x-amz-unsigned': '1' } },
      { headers: { ...headers, authorization: headers.authorization.replace('bedrock', 's3') } },
      { headers: { ...headers, authorization: 'Bearer key' } },
    ]) {
      assert.notEqual(wrong({ ...request, ...changed }), '', JSON.stringify(changed));
    }
  });

  for (const [name, { model, countsTokens }] of Object.entries(known)) {
    for (const [what, call] of Object.entries(calls)) {
      test(`${name}: gets ${what} as from its own SDK`,
        (scene) => compare(scene, name, model, call));
    }
    if (countsTokens) {
      const count = (client, asked) =>
        client.messages.countTokens({ model: asked, messages: question.messages, tools: [tool] });
      test(`${name}: gets a count of tokens as from its own SDK`,
        (scene) => compare(scene, name, model, count));
      const betas = ['context-management-2025-06-27'];
      const counted = (client, asked) =>
        client.beta.messages.countTokens({ model: asked, messages: question.messages, betas });
      test(`${name}: gets a count with betas as from its own SDK`,
        (scene) => compare(scene, name, model, counted));
    }
    test(`${name}: gets a model that the relay maps as from its own SDK`, (scene) =>
      compare(scene, name, model, create({ stream: true }), 'claude-test-of-the-client'));
    for (const [what, odd] of Object.entries(modelsOf[name] ?? {})) {
      for (const stream of [false, true]) {
        test(`${name}: is asked for ${what}${stream ? ' in a stream' : ''} as by its own SDK`,
          (scene) => compare(scene, name, odd, create({ stream })));
      }
    }
  }
}
