// Clients of other dialects than Anthropic's, and Anthropic's over providers of others.

import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { leaveOut } from '../harness.mjs';
import { aiderCases } from './aider.mjs';
import { anthropicSdk } from './anthropic_sdk.mjs';
import { claudeForeignCases } from './claude_foreign.mjs';
import { claudeMovesCases } from './claude_moves.mjs';
import { codexCases } from './codex.mjs';
import { geminiCliCases } from './gemini_cli.mjs';
import { genai, genaiAtVertex } from './genai_sdk.mjs';
import { launcherCases } from './launched.mjs';
import { openaiChat, openaiResponses } from './openai_sdk.mjs';
import { openaiPythonCases } from './openai_python.mjs';
import { opencodeCases } from './opencode.mjs';
import { modelListCases, sdkDialectCases } from './sdk_cases.mjs';
import { strictnessCases } from './strictness.mjs';

const there = (...parts) => {
  const file = path.join(...parts);
  return access(file).then(() => file, () => null);
};

// `thoughts`: whether what the provider thought comes back to it through the client.
const anthropic = { name: 'Claude', kind: 'anthropic', model: 'claude-sonnet-5-5', thoughts: true };
// `searches`: it searches the web itself; `eventsOfFirstWords`: so many of its stream's are enough
// for a client to show something; `long`: what takes a client several turns is tried with it.
const responses = { name: 'the responses API', kind: 'responses', model: 'gpt-5.5', thoughts: true,
  searches: true, eventsOfFirstWords: 5, long: true };
const gemini = { name: 'Gemini', kind: 'gemini', model: 'gemini-3.1-pro-preview', thoughts: true,
  searches: true, eventsOfFirstWords: 1, long: true };
const chat = { name: 'chat', kind: 'chat', model: 'gpt-4.1', thoughts: false, eventsOfFirstWords: 2 };
const deepseek = { name: 'DeepSeek', kind: 'deepseek', model: 'deepseek-reasoner', thoughts: true,
  images: false, eventsOfFirstWords: 2 };
const all = [anthropic, responses, gemini, chat, deepseek];

/** `sdk`: Anthropic's; `claude`: Claude Code, null if there is none. */
export async function dialectCases(directory, programs) {
  const isOld = Number(process.versions.node.split('.')[0]) < 20;
  if (!isOld) return addCases(directory, programs);
  console.log('skipped: clients of other dialects want node 20');
  return leaveOut(() => addCases(directory, programs, { load: () => ({}) }));
}

/** `load`: how the SDKs are had. */
async function addCases(directory, { sdk, claude }, options = {}) {
  const { resolve } = createRequire(pathToFileURL(path.join(directory, 'package.json')));
  const { load = (name) => import(pathToFileURL(resolve(name))) } = options;
  const { OpenAI } = await load('openai');
  const { GoogleGenAI } = await load('@google/genai');
  const { OAuth2Client } = await load('google-auth-library');
  strictnessCases();
  const drivers = [openaiChat(OpenAI), openaiResponses(OpenAI), genai(GoogleGenAI),
    anthropicSdk(sdk)];
  for (const driver of drivers) {
    for (const way of all) sdkDialectCases(driver, way);
    if (driver.models) modelListCases(driver, all);
  }
  for (const place of genaiAtVertex(OAuth2Client)) {
    const driver = { ...genai(GoogleGenAI, place), own: [] };
    for (const way of [gemini, anthropic]) sdkDialectCases(driver, way);
    modelListCases(driver, [gemini, anthropic]);
  }
  const modules = path.join(directory, 'node_modules');
  const codex = await there(modules, `codex-linux-${process.arch}`, 'vendor',
    `${{ x64: 'x86_64', arm64: 'aarch64' }[process.arch]}-unknown-linux-musl`, 'bin', 'codex');
  const geminiCli = await there(modules, '@google/gemini-cli/bundle/gemini.js');
  const opencode = await there(modules, `opencode-linux-${process.arch}`, 'bin/opencode');
  const python = path.join(directory, 'python');
  const interpreter = (await there(python, 'installed')) && path.join(python, 'venv/bin/python');
  const aider = interpreter && path.join(python, 'venv/bin/aider');
  openaiPythonCases({ python: interpreter, library: path.join(python, 'newest') },
    [['chat', chat], ['responses', responses], ['chat', anthropic], ['responses', anthropic],
      ['chat', gemini], ['responses', gemini]]);
  for (const way of [responses, anthropic, gemini]) codexCases(codex, way);
  for (const way of [gemini, anthropic, responses]) geminiCliCases(geminiCli, way);
  for (const way of [deepseek, anthropic, responses, gemini]) opencodeCases(opencode, way);
  for (const way of [chat, anthropic, responses, gemini]) aiderCases(aider, way);
  for (const way of [responses, gemini, deepseek, chat]) claudeForeignCases(claude, way);
  for (const way of [responses, gemini]) claudeMovesCases(claude, way);
  launcherCases({ codex, gemini: geminiCli }, anthropic);
}
