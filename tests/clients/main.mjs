// node main.mjs PATH_TO_CC_RELAY DIRECTORY_WITH_NODE_MODULES

import { access } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import { ccRelayClaudeCases } from './cc_relay_claude.mjs';
import { claudeCodeCases } from './claude_code.mjs';
import { claudeTelemetryCases } from './claude_telemetry.mjs';
import { cloudAnswerCases } from './cloud_answers.mjs';
import { cloudClaudeCodeCases } from './cloud_claude_code.mjs';
import { cloudNativeCases } from './cloud_native.mjs';
import { cloudSdkCases } from './cloud_sdk.mjs';
import { concurrentCases } from './concurrent.mjs';
import { dialectCases } from './dialects/cases.mjs';
import { runAll } from './harness.mjs';
import { restartCases } from './restart.mjs';
import { sdkCases } from './sdk.mjs';
import { silenceCases } from './silence.mjs';
import { allWays, concurrentWays } from './ways.mjs';

const [relayPath, directory] = process.argv.slice(2);
const { resolve } = createRequire(pathToFileURL(path.join(directory, 'package.json')));

const load = (name) => import(pathToFileURL(resolve(`@anthropic-ai/${name}`)));
const sdk = await load('sdk');
const undici = await import(pathToFileURL(resolve('undici')));
for (const way of allWays(undici)) sdkCases(sdk, way);
for (const way of concurrentWays) concurrentCases(sdk, way);
const vendors = { ...sdk };
for (const name of ['bedrock', 'vertex', 'foundry', 'aws']) {
  Object.assign(vendors, await load(`${name}-sdk`));
}
cloudSdkCases(vendors);
cloudAnswerCases(vendors);
cloudNativeCases(vendors);

const build = `claude-code-${process.platform}-${process.arch}`;
const native = path.join(directory, 'node_modules', '@anthropic-ai', build, 'claude');
const claude = await access(native).then(() => native, () => null);
claudeCodeCases(claude);
restartCases(claude);
silenceCases(claude);
claudeTelemetryCases(claude);
ccRelayClaudeCases(claude);
cloudClaudeCodeCases(claude, vendors);
await dialectCases(directory, { sdk, claude });

process.exit((await runAll(relayPath)) ? 0 : 1);
