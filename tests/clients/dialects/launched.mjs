// `cc-relay codex` and `cc-relay gemini`: the real programs through a relay that is started for them
// or runs already; and their own settings, pointed at the relay and back. What counts is what the
// provider got, and that the user's own files are in the end what they were.

import assert from 'node:assert/strict';
import { mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import path from 'node:path';

import { failure } from '../fake_provider.mjs';
import { freePort } from '../free_port.mjs';
import { providerKey, relayKey, test } from '../harness.mjs';
import { folders, note, putFile, runProgram } from './cli_run.mjs';
import { callsThenGreets, checkLoop, greeting, greets } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

/** Longer than the relay leaves a connection open on which nothing is asked, where it is `hasty`. */
const pause = 'sleep 1.2; cat note.txt';
const hasty = '[timeouts]\nclient_idle_ms = 300\n';

const clients = [
  {
    word: 'codex',
    call: { id: 'call_fake_01', name: 'exec_command', input: { cmd: pause } },
    args: (model, prompt) => ['-m', model, 'exec', '--skip-git-repo-check',
      '--dangerously-bypass-approvals-and-sandbox', prompt],
    env: {},
    bare: {},
    /** As users have them, and leading to another provider. */
    own: (url) => ({
      '.codex/config.toml': `# mine\nmodel_provider = 'other'  # theirs\n\n`
        + `[model_providers.other]\nname = "other"\nbase_url = "${url}/v1"\n`
        + 'wire_api = "responses"\nexperimental_bearer_token = "foreign"',
    }),
  },
  {
    word: 'gemini',
    call: { id: 'call_fake_01', name: 'run_shell_command', input: { command: pause } },
    args: (model, prompt) => ['--skip-trust', '--yolo', '-m', model, '-p', prompt],
    env: { GEMINI_CLI_NO_RELAUNCH: '1' },
    /** What the program needs where it has no settings at all. */
    bare: { '.gemini/settings.json': '{"security":{"auth":{"selectedType":"gemini-api-key"}}}' },
    own: (url) => ({
      '.gemini/.env': `# mine\nGOOGLE_GEMINI_BASE_URL=${url}\nexport GEMINI_API_KEY='foreign' # theirs`,
      '.gemini/settings.json': `{ // mine\n\t"privacy": {"usageStatisticsEnabled": false},\n`
        + '\t"security": {"auth": {"selectedType": "gemini-api-key"}}, "general": {\n'
        + '\t"enableAutoUpdate": false}\n}',
    }),
  },
];

/** `programs`: by the word of each, its file, or null where it is not installed. */
export function launcherCases(programs, way) {
  for (const client of clients) ofOne(client, programs[client.word], way);

  test('cc-relay codex and gemini at once use one relay, which ends with the second',
    async (scene) => {
      const provider = await strictProvider(scene, way.kind, greets);
      const home = await homeOf(scene, programs, provider);
      for (const { bare } of clients) await putAll(home, bare);
      let [arrive, answer] = [];
      const arrived = new Promise((resolve) => (arrive = resolve));
      const held = new Promise((resolve) => (answer = resolve));
      const greet = provider.answer;
      provider.fake.always(async (record, response) => {
        if (String(record.body).includes('wait for me')) {
          arrive();
          await held;
        }
        return greet(record, response);
      });
      const health = `http://127.0.0.1:${home.port}/health`;
      const [codex, gemini] = clients;
      const second = launch(scene, home, codex, codex.args(way.model, 'wait for me'));
      // Until it is held; one that ends before is told of below.
      await Promise.race([arrived, second]);
      checkGreeted(await launch(scene, home, gemini, gemini.args(way.model, 'say hi')));
      assert((await fetch(health)).ok, 'the relay ended with the first');
      answer();
      checkGreeted(await second);
      await assert.rejects(fetch(health));
    }, optionsFor(programs.codex && programs.gemini));
}

const optionsFor = (program) => ({ row: 'launched', skip: !program, throughRelay: true });

function checkGreeted({ code, output, printed }) {
  assert.equal(code, 0, output);
  assert(printed.includes(greeting), output);
}

/** A home with the programs in its PATH, and a configuration for that provider. `top`: more of it. */
async function homeOf(scene, programs, provider, top = '') {
  const { home, work } = await folders(scene);
  const bin = path.join(scene.directory, 'bin');
  await mkdir(bin);
  for (const [word, file] of Object.entries(programs)) if (file) await symlink(file, path.join(bin, word));
  const runtime = path.join(scene.directory, 'runtime');
  await mkdir(runtime, { mode: 0o700 });
  const port = await freePort();
  await putFile(home, '.config/cc-relay/config.toml', `
[server]
listen = "127.0.0.1:${port}"
[server.auth]
api_key = "${relayKey}"
${top}
[[providers]]
name = "fake"
${provider.vendor.toml(provider.url)}
[[providers.keys]]
key = "${providerKey}"
`);
  return { home, work, port, bin, runtime };
}

async function putAll(home, files) {
  for (const [name, text] of Object.entries(files)) await putFile(home.home, name, text);
}

async function checkUntouched(home, files) {
  for (const [name, text] of Object.entries(files)) {
    assert.equal(await readFile(path.join(home.home, name), 'utf8'), text, name);
  }
}

const run = (scene, { home, work, bin, runtime }, command, args, env = {}) =>
  runProgram(scene, command, args, { home, work, bin,
    env: { XDG_RUNTIME_DIR: runtime, ...env } });

const launch = (scene, home, { word, env }, args, options = []) =>
  run(scene, home, scene.relayPath, [...options, word, ...args], env);

function ofOne(client, program, way) {
  const { word, call, args, own, bare, env } = client;
  const options = optionsFor(program);
  const set = async (scene, mind, top) => {
    const provider = await strictProvider(scene, way.kind, mind);
    return { provider, home: await homeOf(scene, { [word]: program }, provider, top) };
  };
  /** Another provider, which must not be asked. */
  const another = async (scene) => {
    const other = await scene.provider();
    return other.always(failure(403, 'permission_error', 'not here'));
  };

  test(`cc-relay ${word}: a turn with a tool and a pause in it, past settings that lead elsewhere`,
    async (scene) => {
      const { provider, home } = await set(scene, callsThenGreets(call),
        `${hasty}upstream_idle_ms = 300`);
      const other = await another(scene);
      await putAll(home, own(other.url));
      checkGreeted(await launch(scene, home, client, args(way.model, 'read the note')));
      checkLoop(provider, [call], { shown: note, thoughts: way.thoughts });
      assert.equal(other.requests.length, 0, 'asked elsewhere');
      await checkUntouched(home, own(other.url));
      await assert.rejects(fetch(`http://127.0.0.1:${home.port}/health`));
    }, options);

  test(`cc-relay ${word}: a relay that runs, in an empty home; and with a wrong key`, async (scene) => {
    const provider = await strictProvider(scene, way.kind, greets);
    const url = await relayTo(scene, [provider]);
    const home = await homeOf(scene, { [word]: program }, provider);
    await putAll(home, bare);
    const ask = async (token) => {
      const file = path.join(scene.directory, 'token');
      await writeFile(file, `${token}\n`, { mode: 0o600 });
      return launch(scene, home, client, args(way.model, 'say hi'),
        ['--url', url, '--token-file', file]);
    };
    checkGreeted(await ask(relayKey));
    assert((await fetch(`${url}/health`)).ok, 'the relay went away');
    const count = provider.asked.length;
    const { code, output } = await ask('not-the-key');
    assert.notEqual(code, 0, output);
    assert(output.includes('the credential is not one that this relay accepts'), output);
    assert.equal(provider.asked.length, count);
    await checkUntouched(home, bare);
  }, options);

  test(`cc-relay ${word}: a key that the provider refuses ends it with words`, async (scene) => {
    const { provider, home } = await set(scene, greets);
    provider.trouble = () => failure(401, 'authentication_error', 'invalid x-api-key');
    await putAll(home, bare);
    const { code, output } = await launch(scene, home, client, args(way.model, 'say hi'));
    assert.notEqual(code, 0, output);
    assert.match(output, /refused the relay's key [0-9a-f]+ \(401\): invalid API key; correct providers/);
    assert(provider.asked.length <= 3, `the provider was asked ${provider.asked.length} times`);
  }, options);

  test(`cc-relay config ${word} init, then ${word} alone, then remove`, async (scene) => {
    const provider = await strictProvider(scene, way.kind, callsThenGreets(call));
    const url = await relayTo(scene, [provider], { top: hasty });
    const home = await homeOf(scene, { [word]: program }, provider);
    const other = await another(scene);
    await putAll(home, own(other.url));
    const file = path.join(scene.directory, 'token');
    await writeFile(file, relayKey, { mode: 0o600 });
    const config = async (...more) => {
      const { code, output } = await run(scene, home, scene.relayPath, ['config', word, ...more]);
      assert.equal(code, 0, output);
    };
    await config('init', '--url', url, '--token-file', file);
    const alone = path.join(home.bin, word);
    checkGreeted(await run(scene, home, alone, args(way.model, 'read the note'), env));
    checkLoop(provider, [call], { shown: note, thoughts: way.thoughts });
    await config('remove');
    await checkUntouched(home, own(other.url));
    assert.equal(other.requests.length, 0, 'asked elsewhere');
  }, options);
}
