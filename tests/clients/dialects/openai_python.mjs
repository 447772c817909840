// OpenAI's SDK for Python, streamed, with both of its APIs. It sends back no thoughts over chat.

import assert from 'node:assert/strict';
import { fileURLToPath } from 'node:url';

import { test } from '../harness.mjs';
import { folders, runProgram } from './cli_run.mjs';
import { callsThenGreets } from './minds.mjs';
import { calls, checkTalk, talk } from './sdk_cases.mjs';
import { relayTo, strictProvider } from './strict_provider.mjs';

const script = fileURLToPath(new URL('openai_python.py', import.meta.url));

/** `python`: its interpreter, null if there is none; `library`: where the SDK is. */
export function openaiPythonCases({ python, library }, ways) {
  for (const [api, way] of ways) {
    test(`openai of Python (${api}) over ${way.name}: tools go round`, async (scene) => {
      const provider = await strictProvider(scene, way.kind, callsThenGreets(...calls));
      const url = await relayTo(scene, [provider]);
      const { code, printed, output } = await runProgram(scene, python,
        [script, api, JSON.stringify(talk(url, way))],
        { ...(await folders(scene)), env: { PYTHONPATH: library } });
      assert.equal(code, 0, output);
      checkTalk(provider, way, JSON.parse(printed));
    }, { row: 'agents', skip: python === null, throughRelay: api !== way.kind });
  }
}
