// Claude Code on the clouds: in Anthropic's form with the relay behind it, and in each cloud's own.

import assert from 'node:assert/strict';

import { runClaude } from './claude_run.mjs';
import { bedrockError, bedrockFrames, bedrockStream, clouds, google } from './clouds.mjs';
import { json, sse } from './fake_provider.mjs';
import { relayKey, test } from './harness.mjs';
import { message, messageEvents } from './messages.mjs';

const greeting = [{ type: 'text', text: 'Hello from the cloud. 世界 🌍' }];
const thought = {
  type: 'thinking',
  thinking: 'First this. 🤔',
  signature: 'EqQBCkYIBxgCKkA+/signature-of-bedrock==',
};
const step = (number, ...before) => [
  ...before,
  { type: 'text', text: `Step ${number}.` },
  {
    type: 'tool_use',
    id: `toolu_fake_0${number}`,
    name: 'Bash',
    input: { command: `echo output-of-step-${number}`, description: 'Say which step it is' },
  },
];

const blocksOf = ({ body }) =>
  JSON.parse(body).messages.flatMap(({ content }) => (Array.isArray(content) ? content : []));
const resultsIn = (request) => blocksOf(request).filter(({ type }) => type === 'tool_result');
const outputsIn = (request) =>
  resultsIn(request).map(({ tool_use_id: id, content }) => [id, content]);
const asksForStream = ({ url }) => /invoke-with-response-stream|streamRawPredict/.test(url);
const pathOf = ({ url }) => decodeURIComponent(url.split('?')[0]);

// Of what AWS's page on the Messages API for Claude lists as taken.
const betasOfBedrock = [
  'interleaved-thinking-2025-05-14',
  'context-management-2025-06-27',
  'effort-2025-11-24',
  'tool-search-tool-2025-10-19',
  'context-1m-2025-08-07',
];

/** How Bedrock words what it does not take of a body; null if it takes all. */
function unknownToBedrock({ anthropic_beta: betas = [], ...body }) {
  if (!betas.every((beta) => betasOfBedrock.includes(beta))) return 'invalid beta flag';
  const withBeta = { context_management: 'context-management-', output_config: 'effort-' };
  for (const [field, beta] of Object.entries(withBeta)) {
    if (field in body && !betas.some((one) => one.startsWith(beta))) {
      return `${field}: Extra inputs are not permitted`;
    }
  }
  if (body.model || 'stream' in body) return '#: extraneous key [model] is not permitted';
  return null;
}

export function cloudClaudeCodeCases(claude, packages) {
  const { Bedrock, Vertex } = clouds(packages);
  const options = { skip: claude === null, throughRelay: true };
  const bedrockModel = 'eu.anthropic.claude-of-the-day-v1:0';
  const vertexModel = 'claude-of-the-day@20990101';
  const tools = ['--allowedTools', 'Bash(echo:*)'];

  const frames = (content) => bedrockStream(bedrockFrames(content));
  const events = (content) => sse(messageEvents(content));
  const outputs = [
    ['toolu_fake_01', 'output-of-step-1'],
    ['toolu_fake_02', 'output-of-step-2'],
  ];
  const asGateway = ({ url }) => ({ ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: relayKey });

  /** Bedrock is preferred; each has its own name for what the client asks for. */
  async function bothClouds(scene) {
    const [bedrock, vertex] = [await scene.provider(), await scene.provider()];
    const mapped = (model) => `model_mapping = { "claude-*" = "${model}" }`;
    const preferred = ['priority = 9', mapped(bedrockModel)];
    const other = ['priority = 1', mapped(vertexModel)];
    const first = await Bedrock.provider(scene, bedrock.url, preferred);
    const second = await Vertex.provider(scene, vertex.url, other);
    const url = await scene.relayTo(first.toml + second.toml, { env: first.env });
    return { bedrock, vertex, tap: await scene.tap(url) };
  }

  for (const [what, trouble] of [
    ['throttled',
      bedrockError(429, 'ThrottlingException', 'Too many tokens', { 'retry-after': '30' })],
    ['unavailable', bedrockError(503, 'ServiceUnavailableException', 'Try again later')],
    ['refusing the identity', bedrockError(403, 'ExpiredTokenException', 'The token has expired')],
  ]) {
    test(`Claude Code: goes on with Vertex when Bedrock is ${what} in the middle of a tool loop`,
      async (scene) => {
        const { bedrock, vertex, tap } = await bothClouds(scene);
        bedrock.answer(frames(step(1, thought))).always(trouble);
        vertex.answer(events(step(2)), events(greeting));
        const got =
          await runClaude(claude, scene, 'take two steps', { env: asGateway(tap), args: tools });
        assert.equal(got.result, greeting[0].text);
        assert.equal(got.is_error, false);
        assert.equal(tap.posts.length, 3, 'the client had to retry');
        assert(tap.posts.every(({ status }) => status === 200));

        assert(bedrock.posts.length >= 2, 'Bedrock was spared its trouble');
        for (const request of bedrock.posts) {
          assert.equal(pathOf(request), `/model/${bedrockModel}/invoke-with-response-stream`);
          assert.equal(Bedrock.wrong(request), '');
          assert.deepEqual(JSON.parse(request.body).anthropic_version, 'bedrock-2023-05-31');
        }
        assert.equal(vertex.posts.length, 2);
        for (const request of vertex.posts) {
          assert.equal(pathOf(request),
            `/v1/projects/${google.project}/locations/${google.region}` +
            `/publishers/anthropic/models/${vertexModel}:streamRawPredict`);
          assert.equal(Vertex.wrong(request), '');
          assert.deepEqual(JSON.parse(request.body).anthropic_version, 'vertex-2023-10-16');
        }
        // The betas that Claude Code asks for reach each cloud where it looks for them.
        const betas = tap.posts[0].headers['anthropic-beta'].split(',');
        assert.deepEqual(JSON.parse(bedrock.posts[0].body).anthropic_beta, betas);
        assert.deepEqual(vertex.posts[0].headers['anthropic-beta'].split(','), betas);

        assert.deepEqual(outputsIn(vertex.posts[1]), outputs);
        // What Bedrock signed would be refused elsewhere.
        assert(!vertex.posts.some((request) => `${request.body}`.includes(thought.signature)));
      }, options);
  }

  test('Claude Code: goes to Vertex while Bedrock is away, and back again', async (scene) => {
    const { bedrock, vertex, tap } = await bothClouds(scene);
    const unavailable = bedrockError(503, 'ServiceUnavailableException', 'Try again later');
    // Which part of the loop a request is tells how many outputs it brings.
    const byStep = (answers) => (record, response) =>
      answers[outputsIn(record).length](record, response);
    bedrock.always(byStep([frames(step(1)), unavailable, frames(greeting)]));
    vertex.answer(events(step(2)));
    const got =
      await runClaude(claude, scene, 'take two steps', { env: asGateway(tap), args: tools });
    assert.equal(got.result, greeting[0].text);
    assert.equal(tap.posts.length, 3, 'the client had to retry');
    assert.deepEqual(outputsIn(bedrock.posts.at(-1)), outputs);
    const asked = (posts) => [...new Set(posts.map((request) => outputsIn(request).length))];
    assert.deepEqual(asked(bedrock.posts), [0, 1, 2]);
    assert.deepEqual(asked(vertex.posts), [1]);
  }, options);

  test('Claude Code: works with a Bedrock that refuses what it does not know', async (scene) => {
    const { bedrock, tap } = await bothClouds(scene);
    const script = [step(1), greeting];
    const refused = [];
    bedrock.always((record, response) => {
      const why = unknownToBedrock(JSON.parse(record.body));
      if (why) refused.push(why);
      const answer = why ? bedrockError(400, 'ValidationException', why) : frames(script.shift());
      return answer(record, response);
    });
    const got = await runClaude(claude, scene, 'take a step', { env: asGateway(tap), args: tools });
    assert.equal(got.result, greeting[0].text);
    assert.equal(tap.posts.length, 2, 'the client was told');
    assert.deepEqual(refused, ['invalid beta flag'], 'not learned at once and for good');
    const [first, second] = bedrock.posts.map(({ body }) => JSON.parse(body).anthropic_beta);
    assert(second.length > 0 && second.every((beta) => first.includes(beta)), `${second}`);
  }, options);

  // ---- in each cloud's own form

  const asBedrock = (url) => ({
    CLAUDE_CODE_USE_BEDROCK: '1',
    ANTHROPIC_BEDROCK_BASE_URL: url,
    AWS_REGION: 'us-west-2',
    ANTHROPIC_MODEL: bedrockModel,
  });
  const asVertex = (url) => ({
    CLAUDE_CODE_USE_VERTEX: '1',
    ANTHROPIC_VERTEX_BASE_URL: url,
    CLAUDE_CODE_SKIP_VERTEX_AUTH: '1',
    ANTHROPIC_VERTEX_PROJECT_ID: 'project-of-the-client',
    CLOUD_ML_REGION: 'us-east5',
    ANTHROPIC_MODEL: vertexModel,
  });
  for (const [what, cloud, streamed, relayOptions, envOf] of [
    ['Bedrock without a credential', Bedrock, frames, { open: true },
      (url) => ({ ...asBedrock(url), CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1' })],
    ['Bedrock with the relay key', Bedrock, frames, {},
      (url) => ({ ...asBedrock(url), AWS_BEARER_TOKEN_BEDROCK: relayKey })],
    ['Vertex without a credential', Vertex, events, { open: true }, (url) => asVertex(`${url}/v1`)],
    ['Vertex with the relay key', Vertex, events, {}, (url) => ({
      ...asVertex(`${url}/v1`),
      ANTHROPIC_CUSTOM_HEADERS: `x-api-key: ${relayKey}`,
    })],
  ]) {
    test(`Claude Code: speaks to the relay as to ${what}`, async (scene) => {
      const fake = await scene.provider();
      const { toml, env } = await cloud.provider(scene, fake.url);
      const tap = await scene.tap(await scene.relayTo(toml, { env, ...relayOptions }));
      const script = [step(1, thought), greeting];
      fake.always((record, response) => {
        const whole = json(200, message(greeting));
        const answer = asksForStream(record) ? streamed(script.shift()) : whole;
        return answer(record, response);
      });
      const got =
        await runClaude(claude, scene, 'take a step', { env: envOf(tap.url), args: tools });
      assert.equal(got.result, greeting[0].text);
      assert.equal(got.is_error, false);
      // With an API key of Bedrock's it first tries which models there are, with one token each.
      const asked = fake.posts.filter(asksForStream);
      assert.equal(asked.length, 2);
      assert.equal(tap.posts.filter(asksForStream).length, 2, 'the client had to retry');
      const sent = new Set(tap.posts.map(({ requestSha256 }) => requestSha256));
      for (const request of fake.posts) {
        assert.equal(cloud.wrong(request), '');
        assert(sent.has(request.bodySha256), 'the body changed on the way');
      }
      assert.equal(resultsIn(asked[1])[0].content, 'output-of-step-1');
      assert(`${asked[1].body}`.includes(thought.signature));
    }, options);
  }
}
