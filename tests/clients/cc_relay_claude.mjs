// `cc-relay claude`: the real Claude Code through a relay that is started for it, whatever stands in
// its settings. What counts is what the provider got.

import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { failure, sse } from './fake_provider.mjs';
import { freePort } from './free_port.mjs';
import { providerKey, test } from './harness.mjs';
import { messageEvents } from './messages.mjs';
import { caFile } from './ways.mjs';

const greeting = [{ type: 'text', text: 'Hello from the fake provider.' }];
const greet = (record, response) =>
  sse(messageEvents(greeting, { model: JSON.parse(record.body).model }))(record, response);

export function ccRelayClaudeCases(claude) {
  const options = { skip: claude === null, throughRelay: true };

  /** A home with a configuration for `fake`; `more` follows the provider's type. */
  async function homeFor(scene, fake, { settings, provider } = {}) {
    const home = path.join(scene.directory, 'home');
    const runtime = path.join(scene.directory, 'runtime');
    await mkdir(path.join(home, '.config/cc-relay'), { recursive: true });
    await mkdir(path.join(home, '.claude'), { recursive: true });
    await mkdir(path.join(scene.directory, 'work'), { recursive: true });
    await mkdir(runtime, { mode: 0o700 });
    const port = await freePort();
    await writeFile(path.join(home, '.config/cc-relay/config.toml'), `
[server]
listen = "127.0.0.1:${port}"
[[providers]]
name = "fake"
type = "anthropic"
base_url = "${fake.url}"
${provider ?? '[[providers.keys]]\nkey = "${ANTHROPIC_API_KEY}"\n'}`);
    if (settings) await writeFile(path.join(home, '.claude/settings.json'), JSON.stringify(settings));
    return { home, runtime, port };
  }

  /** Runs it to its end; how it ended and what it said. */
  async function run(scene, { home, runtime }, args, env = {}) {
    const child = spawn(scene.relayPath, ['claude', ...args], {
      cwd: path.join(scene.directory, 'work'),
      env: {
        PATH: `${path.dirname(claude)}:${process.env.PATH}`,
        HOME: home,
        XDG_RUNTIME_DIR: runtime,
        CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
        DISABLE_TELEMETRY: '1',
        DISABLE_AUTOUPDATER: '1',
        IS_SANDBOX: '1',
        ANTHROPIC_API_KEY: providerKey,
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    scene.atEnd(() => child.kill('SIGKILL'));
    let output = '';
    child.stdout.on('data', (chunk) => (output += chunk));
    child.stderr.on('data', (chunk) => (output += chunk));
    const [code] = await once(child, 'close');
    return { code, output };
  }

  const prompt = ['-p', 'say hi', '--output-format', 'text'];

  async function checkRelayed(scene, fake, home, args, env) {
    fake.always(greet);
    const { code, output } = await run(scene, home, args, env);
    assert.equal(code, 0, output);
    assert(output.includes(greeting[0].text), output);
    assert(fake.posts.length > 0, 'the provider was not asked');
    for (const { headers } of fake.posts) {
      assert.equal(headers['x-api-key'], providerKey);
      assert.equal(headers.authorization, undefined);
    }
  }

  test('cc-relay claude: the key of the environment is the relay\'s', async (scene) => {
    const fake = await scene.provider();
    await checkRelayed(scene, fake, await homeFor(scene, fake), prompt);
  }, options);

  for (const [what, settings, env] of [
    ['another address', (url) => ({ env: {
      ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: 'foreign', ANTHROPIC_API_KEY: 'foreign' } })],
    ['a helper for keys', () => ({ apiKeyHelper: 'echo sk-ant-helper' })],
    ['a switch to Bedrock', (url) => ({ env: {
      CLAUDE_CODE_USE_BEDROCK: '1', ANTHROPIC_BEDROCK_BASE_URL: url,
      CLAUDE_CODE_SKIP_BEDROCK_AUTH: '1' } })],
    ['a socket', () => ({ env: { ANTHROPIC_UNIX_SOCKET: '/nowhere' } })],
    ['a login for scripts', () => ({ env: { CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-own' } })],
    ['headers with credentials', () => ({ env: {
      ANTHROPIC_CUSTOM_HEADERS: 'X-Team: a\nAuthorization: Bearer b\nX-Api-Key: sk-ant-c' } })],
    ['headers of the environment', () => ({}), () => ({
      ANTHROPIC_CUSTOM_HEADERS: 'Authorization: Bearer sk-ant-b\nX-Team: a' })],
    ['a proxy', (url) => ({ env: { HTTP_PROXY: url } })],
    ['a proxy of the environment', () => ({}), (url) => ({ HTTP_PROXY: url, http_proxy: url })],
  ]) {
    test(`cc-relay claude: ${what} does not lead elsewhere`, async (scene) => {
      const fake = await scene.provider();
      const other = await scene.provider();
      other.always(failure(403, 'permission_error', 'not here'));
      const home = await homeFor(scene, fake, { settings: settings(other.url) });
      await checkRelayed(scene, fake, home, prompt, env?.(other.url));
      assert.equal(other.requests.length, 0);
    }, options);
  }

  test('cc-relay claude: settings of the command line are merged', async (scene) => {
    const fake = await scene.provider();
    const home = await homeFor(scene, fake);
    const settings = JSON.stringify({ model: 'claude-haiku-4-5', env: { ANTHROPIC_BASE_URL: 'x:' } });
    await checkRelayed(scene, fake, home, [...prompt, '--settings', settings]);
    assert.match(JSON.parse(fake.posts[0].body).model, /haiku/);
  }, options);

  test('cc-relay claude: a login of its own is passed on', async (scene) => {
    const fake = await scene.provider();
    fake.always(greet);
    const home = await homeFor(scene, fake, { provider: 'credentials = "passthrough"\n' });
    const env = { ANTHROPIC_API_KEY: '', CLAUDE_CODE_OAUTH_TOKEN: 'sk-ant-oat01-own' };
    const { code, output } = await run(scene, home, prompt, env);
    assert.equal(code, 0, output);
    assert.equal(fake.posts[0].headers.authorization, 'Bearer sk-ant-oat01-own');
  }, options);

  test('cc-relay claude: commands that are no prompt work too', async (scene) => {
    const fake = await scene.provider();
    const home = await homeFor(scene, fake);
    for (const [args, shown] of [[['--version'], /Claude Code/], [['mcp', 'list'], /MCP/]]) {
      const { code, output } = await run(scene, home, args);
      assert.equal(code, 0, output);
      assert.match(output, shown);
    }
    assert.equal(fake.posts.length, 0);
  }, options);

  test('cc-relay claude: managed settings that lead elsewhere are refused', async (scene) => {
    const fake = await scene.provider();
    const home = await homeFor(scene, fake);
    const managed = path.join(scene.directory, 'managed');
    await mkdir(managed);
    await writeFile(path.join(managed, 'managed-settings.json'),
      JSON.stringify({ env: { ANTHROPIC_BASE_URL: fake.url } }));
    const env = { CLAUDE_CODE_MANAGED_SETTINGS_PATH: managed };
    const { code, output } = await run(scene, home, prompt, env);
    assert.equal(code, 1);
    assert.match(output, /nothing wins over managed settings/);
    assert.equal(fake.requests.length, 0);
  }, options);

  test('cc-relay claude: two at once use one relay, which ends with the second', async (scene) => {
    const fake = await scene.provider();
    const home = await homeFor(scene, fake);
    let answerSecond;
    const held = new Promise((resolve) => (answerSecond = resolve));
    fake.always(async (record, response) => {
      if (record.body.toString().includes('wait for me')) await held;
      return greet(record, response);
    });
    const second = run(scene, home, ['-p', 'wait for me', '--output-format', 'text']);
    const first = await run(scene, home, prompt);
    assert.equal(first.code, 0, first.output);
    answerSecond();
    const { code, output } = await second;
    assert.equal(code, 0, output);
    assert(output.includes(greeting[0].text), output);
    await assert.rejects(fetch(`http://127.0.0.1:${home.port}/health`));
  }, options);

  test('cc-relay claude: a relay with a certificate of its own is trusted', async (scene) => {
    const fake = await scene.provider();
    const home = await homeFor(scene, fake);
    const folder = path.join(home.home, '.config/cc-relay');
    execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2',
      '-subj', '/CN=relay', '-addext', 'subjectAltName=IP:127.0.0.1',
      '-keyout', 'relay.key', '-out', 'relay.pem'], { cwd: folder, stdio: 'ignore' });
    await appendFile(path.join(folder, 'config.toml'),
      '[server.tls]\ncert_file = "relay.pem"\nkey_file = "relay.key"\n');
    await checkRelayed(scene, fake, home, prompt);
    await writeFile(path.join(home.home, '.claude/settings.json'),
      JSON.stringify({ env: { NODE_EXTRA_CA_CERTS: caFile } }));
    await checkRelayed(scene, fake, home, prompt);
  }, options);

  test('cc-relay claude: a key that the provider refuses ends it with words', async (scene) => {
    const fake = await scene.provider();
    fake.always(failure(401, 'authentication_error', 'invalid x-api-key'));
    const { code, output } = await run(scene, await homeFor(scene, fake), prompt);
    assert.notEqual(code, 0);
    assert(fake.posts.length <= 2, `the provider was asked ${fake.posts.length} times`);
    assert.doesNotMatch(output, /Please run \/login/);
    assert.match(output, /refused|invalid/);
  }, options);
}
