// What clients get from the clouds through the relay, against what the vendors' own SDKs get from
// them directly.

import assert from 'node:assert/strict';

import { wrongInSignature } from './aws4_check.mjs';
import {
  answer, cloudScene, everything, forms, googleError, question, read, refusal,
} from './cloud_scene.mjs';
import { aws, bedrockError, bedrockFrames, bedrockStream } from './clouds.mjs';
import { exception } from './event_stream.mjs';
import { failure, json } from './fake_provider.mjs';
import { test } from './harness.mjs';
import { message } from './messages.mjs';

export function cloudAnswerCases(packages) {
  const { APIError } = packages;
  const options = { throughRelay: true };
  const setUp = (scene, name) => cloudScene(scene, packages, name);

  for (const [name, { model, stream }] of Object.entries(forms)) {
    for (const pieceBytes of [0, 7, 100]) {
      const cut = pieceBytes ? `cut every ${pieceBytes} bytes` : 'in one piece';
      test(`${name}: a stream ${cut} has the events its own SDK gives`, async (scene) => {
        const { fake, own, client } = await setUp(scene, name);
        fake.always(stream(everything, { pieceBytes }));
        const asked = { model, ...question, stream: true };
        const expected = await read(own.messages.create(asked));
        const got = await read(client.messages.create(asked));
        assert.equal(expected.error, null);
        assert.equal(got.error, null);
        assert.equal(expected.events.at(-1).type, 'message_stop');
        assert.deepEqual(got.events, expected.events);
        const final = await client.messages.stream({ model, ...question }).finalMessage();
        assert.deepEqual(final.content, everything);
        assert.equal(final.usage.output_tokens, 12);
      }, options);
    }

    test(`${name}: a whole answer is the one its own SDK gives`, async (scene) => {
      const { fake, own, client } = await setUp(scene, name);
      fake.always(json(200, message(everything)));
      const asked = { model, ...question };
      const expected = await own.messages.create(asked);
      assert.deepEqual(await client.messages.create(asked), expected);
    }, options);
  }

  test('Bedrock: the request id comes through under its usual name', async (scene) => {
    const { fake, client } = await setUp(scene, 'Bedrock');
    fake.answer(bedrockStream(bedrockFrames(answer)));
    const { model } = forms.Bedrock;
    const { response } = await client.messages.create({ model, ...question, stream: true })
      .withResponse();
    assert.equal(response.headers.get('request-id'), 'req-bedrock-fake-01');
    assert.match(response.headers.get('content-type'), /^text\/event-stream/);
    await response.body?.cancel();
  }, options);

  test('Bedrock: tokens can be counted, which its own SDK does not offer', async (scene) => {
    const { fake, client } = await setUp(scene, 'Bedrock');
    fake.answer(json(200, { inputTokens: 2095 }));
    const { model } = forms.Bedrock;
    const counted = await client.messages.countTokens({ model, messages: question.messages });
    assert.equal(counted.input_tokens, 2095);
    const [request] = fake.requests;
    assert.equal(decodeURIComponent(request.url), `/model/${model}/count-tokens`);
    assert.equal(wrongInSignature(request, aws), '');
    const { input } = JSON.parse(request.body);
    assert.deepEqual(JSON.parse(Buffer.from(input.invokeModel.body, 'base64')), {
      messages: question.messages,
      anthropic_version: '2026-10-21',
      max_tokens: 1,
    });
  }, options);

  // ---- its errors

  for (const [name, answers, expected] of [
    ['Bedrock', bedrockError(400, 'ValidationException', 'max_tokens: must be positive'),
      ['BadRequestError', 400, 'invalid_request_error', 'max_tokens: must be positive']],
    ['Bedrock', bedrockError(400, 'ValidationException', 'Input is too long for requested model.'),
      ['BadRequestError', 400, 'invalid_request_error', /^prompt is too long: Input is too long/]],
    ['Bedrock', bedrockError(404, 'ResourceNotFoundException', 'Could not resolve the model'),
      ['NotFoundError', 404, 'not_found_error', 'Could not resolve the model']],
    ['Bedrock', bedrockError(413, 'RequestEntityTooLargeException', 'Request is too large'),
      ['ContentTooLargeError', 413, 'request_too_large', 'Request is too large']],
    ['Bedrock', bedrockError(429, 'ThrottlingException', 'Too many requests, wait.'),
      ['RateLimitError', 429, 'rate_limit_error', 'Too many requests, wait.']],
    ['Bedrock', bedrockError(429, 'ModelNotReadyException', 'The model is loading.'),
      ['OverloadedError', 529, 'overloaded_error', 'The model is loading.']],
    ['Bedrock', bedrockError(503, 'ServiceUnavailableException', 'Try again.'),
      ['OverloadedError', 529, 'overloaded_error', 'Try again.']],
    ['Bedrock', bedrockError(500, 'InternalServerException', 'It broke.'),
      ['InternalServerError', 500, 'api_error', 'It broke.']],
    // Nobody but a person can mend it: no client asks again.
    ['Bedrock', bedrockError(403, 'AccessDeniedException', 'User: arn:aws:iam::1:user/x is not'),
      ['PermissionDeniedError', 403, 'permission_error',
        /^provider "bedrock" refused the relay's identity \(403\): User: arn/]],
    ['Vertex', googleError(400, 'INVALID_ARGUMENT', 'max_tokens: must be positive'),
      ['BadRequestError', 400, 'invalid_request_error', 'max_tokens: must be positive']],
    ['Vertex', json(404, [{ error: { code: 404, message: 'No such model', status: 'NOT_FOUND' } }]),
      ['NotFoundError', 404, 'not_found_error', 'No such model']],
    ['Vertex', googleError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded'),
      ['RateLimitError', 429, 'rate_limit_error', 'Quota exceeded']],
    ['Vertex', googleError(503, 'UNAVAILABLE', 'Try again.'),
      ['OverloadedError', 529, 'overloaded_error', 'Try again.']],
    ['Vertex', failure(400, 'invalid_request_error', 'prompt is too long: 3 tokens > 2'),
      ['BadRequestError', 400, 'invalid_request_error', 'prompt is too long: 3 tokens > 2']],
    ['Vertex', googleError(403, 'PERMISSION_DENIED', 'Permission aiplatform.endpoints.predict'),
      ['PermissionDeniedError', 403, 'permission_error',
        /^provider "vertex" refused the relay's identity \(403\): Permission/]],
  ]) {
    const [className, status, type, text] = expected;
    test(`${name}: an error is a ${className} (${status}, ${text})`, async (scene) => {
      const { fake, client } = await setUp(scene, name);
      fake.always(answers);
      const { model } = forms[name];
      for (const stream of [false, true]) {
        const error = await refusal(client.messages.create({ model, ...question, stream }));
        assert.equal(error.status, status);
        assert.equal(error.constructor.name, className);
        assert.equal(error.error.type, 'error');
        assert.equal(error.error.error.type, type);
        if (text instanceof RegExp) assert.match(error.error.error.message, text);
        else assert.equal(error.error.error.message, text);
      }
      // Who was set aside for it is not asked again, and the client told the same.
      assert(fake.requests.length >= 1);
    }, options);
  }

  for (const [what, type] of [
    ['throttlingException', 'rate_limit_error'],
    ['serviceUnavailableException', 'overloaded_error'],
    ['validationException', 'invalid_request_error'],
    ['modelStreamErrorException', 'api_error'],
    ['internalServerException', 'api_error'],
    ['modelTimeoutException', 'api_error'],
  ]) {
    test(`Bedrock: ${what} in a stream ends it as ${type}`, async (scene) => {
      const { fake, own, client } = await setUp(scene, 'Bedrock');
      const frames = bedrockFrames(answer).slice(0, 4);
      fake.always(bedrockStream([...frames, exception(what, 'Sorry, 世界')]));
      const asked = { model: forms.Bedrock.model, ...question, stream: true };
      const expected = await read(own.messages.create(asked));
      const got = await read(client.messages.create(asked));
      assert.deepEqual(got.events, expected.events);
      assert(expected.error instanceof APIError && got.error instanceof APIError, `${got.error}`);
      // Its own SDK gives Amazon's name of it as the type, which no client of Anthropic's knows.
      assert.equal(expected.error.error.error.type, what);
      assert.deepEqual(got.error.error.error, { type, message: 'Sorry, 世界' });
    }, options);
  }

  for (const [what, spoiled] of [
    ['cut off inside a frame', (bytes) => bytes.subarray(0, bytes.length - 20)],
    ['cut off between two frames', (bytes) => bytes.subarray(0, 0)],
    ['damaged', (bytes) => {
      const copy = Buffer.from(bytes);
      copy[copy.length - 30] ^= 1;
      return copy;
    }],
  ]) {
    test(`Bedrock: a stream ${what} is an error, not an end`, async (scene) => {
      const { fake, client } = await setUp(scene, 'Bedrock');
      const frames = bedrockFrames(answer);
      fake.answer(bedrockStream([...frames.slice(0, 4), spoiled(frames[4])]));
      const asked = { model: forms.Bedrock.model, ...question, stream: true };
      const { events, error } = await read(client.messages.create(asked));
      assert.equal(events.length, 4);
      assert(error instanceof APIError, `${error}`);
      assert.equal(error.error.error.type, 'api_error');
    }, options);
  }
}
