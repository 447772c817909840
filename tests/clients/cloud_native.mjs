// The vendors' own SDKs with the relay in the place of their cloud.

import assert from 'node:assert/strict';

import { answer, cloudScene, everything, forms, question, read, refusal } from './cloud_scene.mjs';
import { bedrockFrames, bedrockStream, googleClient } from './clouds.mjs';
import { exception } from './event_stream.mjs';
import { json } from './fake_provider.mjs';
import { direct, relayKey, test } from './harness.mjs';
import { message } from './messages.mjs';

const described = ({ constructor, status, message: text, error }) =>
  ({ name: constructor.name, status, text, error });

export function cloudNativeCases(packages) {
  const { AnthropicBedrock, AnthropicVertex, APIError } = packages;
  const options = { throughRelay: true };
  const setUp = (scene, name, relayOptions) => cloudScene(scene, packages, name, relayOptions);

  const dummy = {
    awsAccessKey: 'AKIDdummy',
    awsSecretKey: 'dummy-secret',
    awsSessionToken: 'dummy-token',
  };
  const bedrockAt = (url, more) =>
    new AnthropicBedrock({ baseURL: url, awsRegion: 'us-east-1', maxRetries: 0, ...more });
  const vertexAt = (url, token) =>
    new AnthropicVertex({
      baseURL: `${url}/v1`,
      projectId: 'project-of-the-client',
      region: 'us-east5',
      maxRetries: 0,
      authClient: googleClient(token),
    });
  const closed = {};
  const open = { open: true };
  for (const [name, how, relayOptions, connect] of [
    ['Bedrock', 'the relay key as its API key', closed,
      (url) => bedrockAt(url, { apiKey: relayKey })],
    ['Bedrock', 'no credential', open, (url) => bedrockAt(url, { skipAuth: true })],
    ['Bedrock', 'a signature that means nothing here', open, (url) => bedrockAt(url, dummy)],
    ['Vertex', 'the relay key as its token', closed, (url) => vertexAt(url, relayKey)],
    ['Vertex', 'a token that means nothing here', open, (url) => vertexAt(url, 'ya29.dummy')],
  ]) {
    const { model, stream, errors } = forms[name];

    test(`${name}: its SDK at the relay with ${how} works as at the cloud`, async (scene) => {
      const { cloud, fake, own, url } = await setUp(scene, name, relayOptions);
      const client = direct ? own : connect(url);
      const asked = { model, ...question, betas: ['interleaved-thinking-2025-05-14'] };

      fake.always(json(200, message(everything)));
      const whole = await own.beta.messages.create(asked);
      assert.deepEqual(await client.beta.messages.create(asked), whole);

      fake.always(stream(everything, { pieceBytes: 50 }));
      const expected = await read(own.beta.messages.create({ ...asked, stream: true }));
      const got = await read(client.beta.messages.create({ ...asked, stream: true }));
      assert.equal(expected.error, null);
      assert.deepEqual(got, expected);

      const [first, second, third, fourth] = fake.requests;
      for (const [theirs, ours] of [[first, second], [third, fourth]]) {
        assert.equal(cloud.wrong(ours), '');
        assert.equal(ours.bodySha256, theirs.bodySha256, 'the body changed on the way');
        assert.equal(decodeURIComponent(ours.url), decodeURIComponent(theirs.url));
        assert.equal(ours.headers['anthropic-beta'], theirs.headers['anthropic-beta']);
        assert(!JSON.stringify(ours.headers).includes('dummy'), JSON.stringify(ours.headers));
      }
    });

    test(`${name}: its SDK at the relay with ${how} meets the same errors`, async (scene) => {
      const { fake, own, url } = await setUp(scene, name, relayOptions);
      const client = direct ? own : connect(url);
      for (const [index, error] of errors.entries()) {
        fake.always(error);
        // Of another model each time: what is limited or refused is not asked again at once.
        const asked = { model: `${model}-${index}`, ...question };
        const expected = await refusal(own.messages.create(asked));
        const got = await refusal(client.messages.create(asked));
        assert.deepEqual(described(got), described(expected));
        const streaming = await refusal(client.messages.create({ ...asked, stream: true }));
        assert.deepEqual(described(streaming), described(expected));
      }
    });
  }

  test('Vertex: its SDK at the relay counts tokens', async (scene) => {
    const { fake, own, url } = await setUp(scene, 'Vertex');
    const client = direct ? own : vertexAt(url, relayKey);
    fake.always(json(200, { input_tokens: 2095 }));
    const asked = { model: forms.Vertex.model, messages: question.messages };
    await own.messages.countTokens(asked);
    assert.equal((await client.messages.countTokens(asked)).input_tokens, 2095);
    assert.equal(fake.requests[1].url, fake.requests[0].url);
    assert.equal(fake.requests[1].bodySha256, fake.requests[0].bodySha256);
  });

  test('Bedrock: its SDK at the relay sees an exception in a stream as it was', async (scene) => {
    const { fake, own, url } = await setUp(scene, 'Bedrock');
    const client = direct ? own : bedrockAt(url, { apiKey: relayKey });
    const frames = bedrockFrames(answer).slice(0, 4);
    fake.always(bedrockStream([...frames, exception('throttlingException', 'Slow down')]));
    const asked = { model: forms.Bedrock.model, ...question, stream: true };
    const expected = await read(own.messages.create(asked));
    const got = await read(client.messages.create(asked));
    assert.deepEqual(got.events, expected.events);
    assert.deepEqual(described(got.error), described(expected.error));
  });

  test('Bedrock: its SDK at the relay is told when the stream breaks', async (scene) => {
    const { fake, url } = await setUp(scene, 'Bedrock');
    fake.always(bedrockStream(bedrockFrames(answer).slice(0, 4)));
    const client = bedrockAt(url, { apiKey: relayKey });
    const { events, error } =
      await read(client.messages.create({ model: forms.Bedrock.model, ...question, stream: true }));
    assert.equal(events.length, 4);
    assert(error instanceof APIError, `${error}`);
    assert.equal(error.error.error.type, 'modelStreamErrorException');
  }, options);

  for (const [name, connect] of [
    ['Bedrock', (url) => bedrockAt(url, { apiKey: 'not-the-key' })],
    ['Vertex', (url) => vertexAt(url, 'not-the-key')],
  ]) {
    test(`${name}: its SDK at the relay with a wrong key is refused once`, async (scene) => {
      const { fake, url } = await setUp(scene, name);
      const error = await refusal(connect(url).messages.create({ model: 'm', ...question }));
      assert.equal(error.constructor.name, 'AuthenticationError');
      assert.equal(fake.requests.length, 0);
    }, options);
  }
}
