// Claude Code, its model mapped to one of another vendor.

import assert from 'node:assert/strict';

import { runClaude } from '../claude_run.mjs';
import { relayKey, test } from '../harness.mjs';
import { note } from './cli_run.mjs';
import { callsThenGreets, checkLoop, greeting, greets } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const calls = [
  { id: 'call_fake_01', name: 'Bash', input: { command: 'cat note.txt', description: 'Look' } },
];

export function claudeForeignCases(claude, way) {
  const options = { second: true, skip: claude === null, throughRelay: true };

  async function run(scene, mind, prompt) {
    const provider = await strictProvider(scene, way.kind, mind);
    const more = [`[providers.model_mapping]\n"claude-*" = "${way.model}"`];
    const url = await relayTo(scene, [provider], { more });
    const got = await runClaude(claude, scene, prompt, {
      env: { ANTHROPIC_BASE_URL: url, ANTHROPIC_AUTH_TOKEN: relayKey },
      args: ['--allowedTools', 'Bash(cat:*)'],
    });
    assert.equal(got.is_error, false, JSON.stringify(got));
    assert.equal(got.result, greeting);
    assert(provider.asked.every(({ model }) => model === way.model));
    return provider;
  }

  test(`Claude Code over ${way.name}: one turn`, async (scene) => {
    const provider = await run(scene, greets, 'say hi');
    assert.equal(provider.asked.length, 1);
  }, options);

  test(`Claude Code over ${way.name}: a turn with a tool goes round`, async (scene) => {
    const provider = await run(scene, callsThenGreets(...calls), 'read the note');
    checkLoop(provider, calls, { shown: note, thoughts: way.thoughts });
  }, options);
}
