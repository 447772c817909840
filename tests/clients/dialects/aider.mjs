// aider. It has no tools: it asks for edits in the text, makes them, and tells the model of what it
// could not make, which is its loop.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import path from 'node:path';

import { relayKey, test } from '../harness.mjs';
import { folders, note, runProgram } from './cli_run.mjs';
import { greeting, greets } from './minds.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const edit = (from, to) => `I change the note.

note.txt
\`\`\`
<<<<<<< SEARCH
${from}
=======
${to}
>>>>>>> REPLACE
\`\`\`
`;

export function aiderCases(aider, way) {
  const options = { row: 'agents', skip: aider === null, throughRelay: !way.kind.match(/chat|deepseek/) };

  async function run(scene, url, prompt) {
    const { home, work } = await folders(scene);
    const args = ['--model', `openai/${way.model}`, '--edit-format', 'diff', '--no-git',
      '--yes-always', '--no-check-update', '--no-show-model-warnings', '--no-show-release-notes',
      '--analytics-disable', '--map-tokens', '0', '--no-pretty', '--no-gitignore', '--message',
      prompt, 'note.txt'];
    const { code, output } = await runProgram(scene, aider, args, { home, work,
      env: { OPENAI_API_BASE: `${url}/v1`, OPENAI_API_KEY: relayKey, LITELLM_LOCAL_MODEL_COST_MAP:
        'True' } });
    assert.equal(code, 0, output);
    return { output, file: path.join(work, 'note.txt') };
  }

  // It takes long to start: where the one turn adds nothing, the loop alone.
  if (way.kind === 'anthropic') {
    test(`aider over ${way.name}: one turn`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, greets);
      const { output } = await run(scene, await relayTo(scene, [provider]), 'say hi');
      assert(output.includes(greeting), output);
      assert.equal(provider.asked.length, 1);
      assert(provider.asked[0].blocks.some(({ text }) => text?.includes(note)), 'the file is missing');
    }, options);
  }

  test(`aider over ${way.name}: an edit that fails is told and made anew`, async (scene) => {
    const texts = [edit('not in the note', 'nothing'), edit(note, 'the note says: 世界 43')];
    const provider = await strictProvider(scene, way.kind, () => [
      { type: 'text', text: texts[Math.min(provider.asked.length, texts.length) - 1] }]);
    const { output, file } = await run(scene, await relayTo(scene, [provider]), 'count on');
    assert.equal(provider.asked.length, 2, output);
    assert.equal(await readFile(file, 'utf8'), 'the note says: 世界 43\n');
    const { blocks } = provider.asked[1];
    const at = blocks.findIndex(({ role, text }) => role === 'assistant' && text.trim() === texts[0].trim());
    assert(at > 0, `its own first answer is missing: ${JSON.stringify(blocks)}`);
    const told = blocks.slice(at).filter(({ role }) => role === 'user').map(({ text }) => text);
    assert(told.some((text) => text.includes('not in the note')), `not told of it: ${told}`);
  }, options);
}
