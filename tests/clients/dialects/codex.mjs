// Codex CLI: its own dialect is the responses API.

import assert from 'node:assert/strict';

import { relayKey, test } from '../harness.mjs';
import { folders, note, putFile, runProgram } from './cli_run.mjs';
import { callsThenGreets, checkLoop, greeting, greets } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const calls = [{ id: 'call_fake_01', name: 'exec_command', input: { cmd: 'cat note.txt' } }];

export function codexCases(codex, way) {
  const options = { row: 'agents', skip: codex === null, throughRelay: way.kind !== 'responses' };

  async function run(scene, url, prompt) {
    const { home, work } = await folders(scene);
    await putFile(home, '.codex/config.toml', `
model = "${way.model}"
model_provider = "relay"
approval_policy = "never"
sandbox_mode = "danger-full-access"
[model_providers.relay]
name = "relay"
base_url = "${url}/v1"
env_key = "RELAY_KEY"
wire_api = "responses"
`);
    const args = ['exec', '--skip-git-repo-check', prompt];
    const { code, output, printed } = await runProgram(scene, codex, args,
      { home, work, env: { RELAY_KEY: relayKey } });
    assert.equal(code, 0, output);
    assert(printed.includes(greeting), output);
  }

  // Over others the loop has all of it; over Claude `cc-relay` runs it too: see launched.mjs.
  if (way.kind === 'responses') {
    test(`Codex over ${way.name}: one turn`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, greets);
      await run(scene, await relayTo(scene, [provider]), 'say hi');
      assert.equal(provider.asked.length, 1);
    }, options);
  }

  test(`Codex over ${way.name}: a turn with a tool goes round`, async (scene) => {
    const provider = await strictProvider(scene, way.kind, callsThenGreets(...calls));
    await run(scene, await relayTo(scene, [provider]), 'read the note');
    checkLoop(provider, calls, { shown: note, thoughts: way.thoughts });
  }, options);
}
