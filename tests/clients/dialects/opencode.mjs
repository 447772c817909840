// OpenCode, told of a provider that is compatible with OpenAI's chat.

import assert from 'node:assert/strict';
import path from 'node:path';

import { relayKey, test } from '../harness.mjs';
import { folders, note, putFile, runProgram } from './cli_run.mjs';
import { callsThenGreets, checkLoop, greeting, greets } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

export function opencodeCases(opencode, way) {
  const options = { row: 'agents', skip: opencode === null, throughRelay: !way.kind.match(/chat|deepseek/) };

  async function run(scene, url, prompt) {
    const { home, work } = await folders(scene);
    await putFile(home, '.config/opencode/opencode.json', {
      $schema: 'https://opencode.ai/config.json',
      model: `relay/${way.model}`,
      provider: { relay: {
        npm: '@ai-sdk/openai-compatible',
        name: 'relay',
        options: { baseURL: `${url}/v1`, apiKey: relayKey },
        models: { [way.model]: { name: way.model, reasoning: true,
          interleaved: { field: 'reasoning_content' } } },
      } },
    });
    const { code, output, printed } = await runProgram(scene, opencode, ['run', prompt], { home, work,
      env: { OPENCODE_DISABLE_MODELS_FETCH: '1', OPENCODE_DISABLE_AUTOUPDATE: '1',
        OPENCODE_DISABLE_LSP_DOWNLOAD: '1' } });
    assert.equal(code, 0, output);
    assert(printed.includes(greeting), output);
  }

  // It takes long to start: where the one turn adds nothing, the loop alone.
  if (way.kind === 'anthropic') {
    test(`OpenCode over ${way.name}: one turn`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, greets);
      await run(scene, await relayTo(scene, [provider]), 'say hi');
    }, options);
  }

  test(`OpenCode over ${way.name}: a turn with a tool goes round`, async (scene) => {
    const file = path.join(scene.directory, 'work', 'note.txt');
    const calls = [{ id: 'call_fake_01', name: 'read', input: { filePath: file } }];
    const provider = await strictProvider(scene, way.kind, callsThenGreets(...calls));
    await run(scene, await relayTo(scene, [provider]), 'read the note');
    checkLoop(provider, calls, { shown: note, thoughts: way.thoughts });
  }, options);
}
