// Gemini CLI.

import assert from 'node:assert/strict';

import { relayKey, test } from '../harness.mjs';
import { folders, note, putFile, runProgram } from './cli_run.mjs';
import {
  callsThenGreets, checkLoop, greeting, greets, hits, searchesThenGreets,
} from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

export function geminiCliCases(gemini, way) {
  const options = { row: 'agents', skip: gemini === null, throughRelay: way.kind !== 'gemini' };

  async function run(scene, url, prompt) {
    const { home, work } = await folders(scene);
    await putFile(home, '.gemini/settings.json', {
      security: { auth: { selectedType: 'gemini-api-key' } },
      privacy: { usageStatisticsEnabled: false },
      telemetry: { enabled: false },
      general: { disableAutoUpdate: true, enableAutoUpdate: false },
    });
    const args = [gemini, '--skip-trust', '--yolo', '-m', way.model, '-p', prompt];
    const { code, output, printed } = await runProgram(scene, process.execPath, args, { home, work,
      env: { GEMINI_API_KEY: relayKey, GOOGLE_GEMINI_BASE_URL: url, GEMINI_CLI_NO_RELAUNCH: '1' } });
    assert.equal(code, 0, output);
    assert(printed.includes(greeting), output);
  }

  // Over others the loop has all of it; over Claude `cc-relay` runs it too: see launched.mjs.
  if (way.kind === 'gemini') {
    test(`Gemini CLI over ${way.name}: one turn`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, greets);
      await run(scene, await relayTo(scene, [provider]), 'say hi');
    }, options);
  }

  test(`Gemini CLI over ${way.name}: a turn with a tool goes round`, async (scene) => {
    const calls = [{ id: 'call_fake_01', name: 'read_file', input: { file_path: 'note.txt' } }];
    const provider = await strictProvider(scene, way.kind, callsThenGreets(...calls));
    await run(scene, await relayTo(scene, [provider]), 'read the note');
    checkLoop(provider, calls, { shown: note, thoughts: way.thoughts });
  }, options);

  if (way.kind === 'anthropic') {
    test(`Gemini CLI over ${way.name}: searches the web`, async (scene) => {
      const provider = await strictProvider(scene, way.kind,
        searchesThenGreets('世界 "now"', 'google_web_search'));
      await run(scene, await relayTo(scene, [provider]), 'search for it');
      assert.equal(provider.asked.filter(({ searches }) => searches).length, 1);
      const { text } = provider.asked.at(-1).blocks.find(({ type }) => type === 'tool_result');
      for (const told of ['世界 "now"', ...hits.flatMap(({ url, title }) => [url, title])]) {
        assert(text.includes(told), `${told} is not in: ${text}`);
      }
    }, options);
  }
}
