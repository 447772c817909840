// node main.mjs PATH_TO_CC_RELAY|none DIRECTORY_WITH_NODE_MODULES PATH_TO_CHROMIUM [PICTURES]

import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

import './signing_in.mjs';
import './showing.mjs';
import './live.mjs';
import './acting.mjs';
import './safe.mjs';
import './relay.mjs';
import { runAll } from './harness.mjs';
import { takePictures } from './pictures.mjs';
import { reachCases } from './reach.mjs';

const [relayPath, directory, executablePath, pictures] = process.argv.slice(2);
const { resolve } = createRequire(pathToFileURL(path.join(directory, 'package.json')));
const { chromium: launcher } = await import(pathToFileURL(resolve('playwright-core'))).then((all) => all.default);
reachCases(await readFile(resolve('axe-core/axe.min.js'), 'utf8'));

// Root has no sandbox of Chromium's; nothing but our own page is looked at.
const args = ['--no-sandbox', '--disable-dev-shm-usage', '--host-resolver-rules=MAP rebound.example 127.0.0.1'];
const chromium = await launcher.launch({ executablePath, args });
let good = true;
if (pictures) await takePictures(chromium, pictures);
else good = await runAll(chromium, relayPath === 'none' ? null : relayPath);
await chromium.close();
process.exit(good ? 0 : 1);
