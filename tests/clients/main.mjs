// node main.mjs PATH_TO_CC_RELAY DIRECTORY_WITH_NODE_MODULES

import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { claudeCodeCases } from './claude_code.mjs';
import { runAll } from './harness.mjs';
import { sdkCases } from './sdk.mjs';

const [relayPath, directory] = process.argv.slice(2);
const { resolve } = createRequire(pathToFileURL(path.join(directory, 'package.json')));

sdkCases(await import(pathToFileURL(resolve('@anthropic-ai/sdk'))));

const build = `claude-code-${process.platform}-${process.arch}`;
const native = path.join(directory, 'node_modules', '@anthropic-ai', build, 'claude');
claudeCodeCases(await access(native).then(() => native, () => null));

process.exit((await runAll(relayPath)) ? 0 : 1);
