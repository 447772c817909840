// The clouds as the fake provider plays them, what the relay is told of each, and how each vendor's
// own SDK is pointed at one.

import { writeFile } from 'node:fs/promises';
import path from 'node:path';

import { wrongInSignature } from './aws4_check.mjs';
import { chunk, eventStreamType } from './event_stream.mjs';
import { json } from './fake_provider.mjs';
import { messageParts } from './messages.mjs';

export const aws = {
  accessKeyId: 'AKIDFAKE000000000001',
  secretAccessKey: 'fake/secret+access/key0000000000000000001',
  sessionToken: 'fake-session-token//with+every=sign==',
  region: 'eu-central-1',
};
export const workspace = 'wrkspc_fake_01';
export const google = {
  token: 'ya29.fake-google-token',
  project: 'fake-project',
  region: 'europe-west1',
};
export const entra = {
  tenant: '11111111-2222-3333-4444-555555555555',
  client: '99999999-8888-7777-6666-555555555555',
  secret: 'fake~entra.secret',
  token: 'eyJ0eXAiOiJKV1QifQ.fake-entra-token.x',
};
export const foundryKey = 'fake-foundry-key';
export const bedrockKey = 'ABSKfake-bedrock-api-key';
export const anthropicAwsKey = 'sk-ant-fake-claude-platform-on-aws';

const awsEnvironment = {
  AWS_ACCESS_KEY_ID: aws.accessKeyId,
  AWS_SECRET_ACCESS_KEY: aws.secretAccessKey,
  AWS_SESSION_TOKEN: aws.sessionToken,
};
const awsOptions = {
  awsRegion: aws.region,
  awsAccessKey: aws.accessKeyId,
  awsSessionToken: aws.sessionToken,
};
const signedByUs = (request) => wrongInSignature(request, aws);
const carries = (name, value) => ({ headers }) =>
  headers[name] === value ? '' : `${name} is ${headers[name]}`;

const provider = (type, url, lines = [], key = '') => `
[[providers]]
name = "${type}"
type = "${type}"
base_url = "${url}"
${lines.join('\n')}
${key && `[[providers.keys]]\nkey = "${key}"`}
`;

/** A token endpoint of Google's that knows one refresh token. */
async function googleFile(scene) {
  const tokens = await scene.provider();
  tokens.always((record, response) => {
    const form = new URLSearchParams(record.body.toString());
    const known =
      form.get('grant_type') === 'refresh_token' && form.get('refresh_token') === '1//fake';
    const answer = known
      ? json(200, { access_token: google.token, expires_in: 3600, token_type: 'Bearer' })
      : json(400, { error: 'invalid_grant' });
    return answer(record, response);
  });
  const file = path.join(scene.directory, 'google.json');
  await writeFile(file, JSON.stringify({
    type: 'authorized_user',
    client_id: 'fake.apps.googleusercontent.com',
    client_secret: 'fake-client-secret',
    refresh_token: '1//fake',
    token_uri: `${tokens.url}/token`,
  }));
  return file;
}

/** Entra's token endpoint for one application. */
async function entraAuthority(scene) {
  const tokens = await scene.provider();
  tokens.always((record, response) => {
    const form = new URLSearchParams(record.body.toString());
    const known = record.url === `/${entra.tenant}/oauth2/v2.0/token` &&
      form.get('client_id') === entra.client && form.get('client_secret') === entra.secret &&
      form.get('grant_type') === 'client_credentials' &&
      form.get('scope') === 'https://cognitiveservices.azure.com/.default';
    const answer = known
      ? json(200, { access_token: entra.token, expires_in: 3599, token_type: 'Bearer' })
      : json(401, { error: 'invalid_client' });
    return answer(record, response);
  });
  return tokens.url;
}

/** For Google's SDK: an identity that has its token already. */
export const googleClient = (token) => ({
  getRequestHeaders: async () => new Headers({ authorization: `Bearer ${token}` }),
});

/**
 * By name: `provider(scene, url, lines)` gives the relay's `[[providers]]` for the cloud at `url`
 * and the environment that it finds its identity in; `client(url, options)` the vendor's client;
 * `wrong(request)` what the cloud would refuse the request's credential for.
 */
export const clouds = ({ AnthropicBedrock, AnthropicVertex, AnthropicFoundry, AnthropicAws }) => ({
  'Bedrock': {
    model: 'anthropic.claude-test-1-v1:0',
    provider: (scene, url, lines = []) => ({
      toml: provider('bedrock', url, [`aws_region = "${aws.region}"`, ...lines]),
      env: awsEnvironment,
    }),
    client: (url, options) =>
      new AnthropicBedrock({
        baseURL: url,
        ...awsOptions,
        awsSecretKey: aws.secretAccessKey,
        ...options,
      }),
    wrong: signedByUs,
  },
  'Bedrock with an API key': {
    model: 'eu.anthropic.claude-test-1-v1:0',
    provider: (scene, url, lines = []) => ({
      toml: provider('bedrock', url, [`aws_region = "${aws.region}"`, ...lines], bedrockKey),
    }),
    client: (url, options) =>
      new AnthropicBedrock({ baseURL: url, awsRegion: aws.region, apiKey: bedrockKey, ...options }),
    wrong: carries('authorization', `Bearer ${bedrockKey}`),
  },
  'Vertex': {
    model: 'claude-test-1@20990101',
    countsTokens: true,
    provider: async (scene, url, lines = []) => ({
      toml: provider('vertex', url, [
        `gcp_project_id = "${google.project}"`,
        `gcp_region = "${google.region}"`,
        `gcp_credentials_file = "${await googleFile(scene)}"`,
        ...lines,
      ]),
    }),
    client: (url, options) =>
      new AnthropicVertex({
        baseURL: `${url}/v1`,
        projectId: google.project,
        region: google.region,
        authClient: googleClient(google.token),
        ...options,
      }),
    wrong: carries('authorization', `Bearer ${google.token}`),
  },
  'Foundry': {
    model: 'our deployment',
    countsTokens: true,
    provider: (scene, url, lines = []) => ({
      toml: provider('azure', `${url}/anthropic/`, lines, foundryKey),
    }),
    client: (url, options) =>
      new AnthropicFoundry({ baseURL: `${url}/anthropic/`, apiKey: foundryKey, ...options }),
    wrong: carries('x-api-key', foundryKey),
  },
  'Foundry with Entra': {
    model: 'claude-test-1',
    countsTokens: true,
    provider: async (scene, url, lines = []) => ({
      toml: provider('azure', `${url}/anthropic`, [
        `azure_tenant_id = "${entra.tenant}"`,
        `azure_client_id = "${entra.client}"`,
        `azure_client_secret = "${entra.secret}"`,
        ...lines,
      ]),
      env: { AZURE_AUTHORITY_HOST: await entraAuthority(scene) },
    }),
    client: (url, options) =>
      new AnthropicFoundry({
        baseURL: `${url}/anthropic/`,
        azureADTokenProvider: async () => entra.token,
        ...options,
      }),
    wrong: carries('authorization', `Bearer ${entra.token}`),
  },
  'Claude Platform on AWS': {
    model: 'claude-test-1',
    countsTokens: true,
    provider: (scene, url, lines = []) => ({
      toml: provider('anthropic_aws', url, [
        `aws_region = "${aws.region}"`,
        `workspace_id = "${workspace}"`,
        ...lines,
      ]),
      env: awsEnvironment,
    }),
    client: (url, options) =>
      new AnthropicAws({
        baseURL: url,
        ...awsOptions,
        awsSecretAccessKey: aws.secretAccessKey,
        workspaceId: workspace,
        ...options,
      }),
    wrong: signedByUs,
  },
  'Claude Platform on AWS with an API key': {
    model: 'claude-test-1',
    countsTokens: true,
    provider: (scene, url, lines = []) => ({
      toml: provider('anthropic_aws', url, [
        `aws_region = "${aws.region}"`,
        `workspace_id = "${workspace}"`,
        ...lines,
      ], anthropicAwsKey),
    }),
    client: (url, options) =>
      new AnthropicAws({
        baseURL: url,
        apiKey: anthropicAwsKey,
        workspaceId: workspace,
        ...options,
      }),
    // The SDKs since 1.0 present any key as Bearer, Anthropic's pages and the relay as x-api-key.
    wrong: ({ headers }) =>
      [headers['x-api-key'], headers.authorization?.replace(/^Bearer /, '')]
        .filter((key) => key !== undefined)
        .join() === anthropicAwsKey ? '' : 'no key, or another one',
    anyKeyHeader: true,
  },
});

/** An answer of Bedrock's to a stream. `pieceBytes` as for sse(). */
export const bedrockStream = (frames, { pieceBytes = 0 } = {}) => async (record, response) => {
  response.writeHead(200, {
    'content-type': eventStreamType,
    'x-amzn-requestid': 'req-bedrock-fake-01',
    'x-amzn-bedrock-content-type': 'application/json',
  });
  const all = Buffer.concat(frames);
  const size = pieceBytes || all.length;
  for (let at = 0; at < all.length; at += size) {
    if (response.destroyed) return;
    await new Promise((resolve) => response.write(all.subarray(at, at + size), resolve));
  }
  response.end();
};

// The last event tells what the call cost, beside what Anthropic's API says. There are no pings.
const metrics = {
  'amazon-bedrock-invocationMetrics': {
    inputTokenCount: 25,
    outputTokenCount: 12,
    invocationLatency: 1234,
    firstByteLatency: 321,
  },
};

export const bedrockFrames = (content, options) =>
  messageParts(content, options)
    .filter(({ type }) => type !== 'ping')
    .map((part) => (part.type === 'message_stop' ? { ...part, ...metrics } : part))
    .map(chunk);

/** An error as Bedrock words it. */
export const bedrockError = (status, type, message, headers = {}) =>
  json(status, { message }, {
    'x-amzn-requestid': 'req-bedrock-fake-02',
    'x-amzn-errortype': `${type}:http://internal.amazon.com/coral/com.amazon.bedrock/`,
    ...headers,
  });
