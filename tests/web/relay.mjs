// The same page, served by the relay itself, in front of providers that are fakes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FakeProvider } from '../clients/fake_provider.mjs';
import { tokens } from './fake_api.mjs';
import { test, until } from './harness.mjs';

const room = new URL('../../lib/api/page/', import.meta.url);
const files = { '/': 'index.html', '/app.js': 'app.js', '/app.css': 'app.css' };

/** A relay before two providers, with the management on a port that was free. */
async function startRelay(scene) {
  const directory = await mkdtemp(path.join(tmpdir(), 'web-relay-'));
  scene.atEnd(() => rm(directory, { recursive: true, force: true, maxRetries: 3 }));
  const relay = { file: path.join(directory, 'relay.toml'), fakes: [] };
  for (let i = 0; i < 2; ++i) {
    relay.fakes.push(await FakeProvider.start());
    scene.atEnd(() => relay.fakes[i].stop());
  }
  const provider = (name, i, priority) => `[[providers]]
name = "${name}"
type = "anthropic"
base_url = "${relay.fakes[i].url}"
priority = ${priority}
[[providers.keys]]
key = "provider-key-${name}"
`;
  const token = (name, role) => `[[manage.auth.tokens]]
name = "${name}"
token = "${tokens[name]}"
role = "${role}"
`;
  relay.toml = `[server]
listen = "127.0.0.1:0"
shutdown_timeout_ms = 500
[logging]
output = "stdout"
[ledger]
path = "${directory}/ledger.db"
[manage]
listen = "127.0.0.1:0"
${token('operator', 'operator')}${token('viewer', 'viewer')}${provider('first', 0, 10)}${provider('second', 1, 5)}`;
  await writeFile(relay.file, relay.toml);
  const child = spawn(scene.relayPath, ['serve', '--config', relay.file], {
    env: { PATH: process.env.PATH, HOME: directory, XDG_RUNTIME_DIR: directory }, stdio: ['ignore', 'pipe', 'pipe'],
  });
  const gone = once(child, 'exit');
  scene.atEnd(async () => {
    child.kill('SIGTERM');
    await gone;
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (said += chunk));
  const heard = async (words) => {
    await until(`the relay says ${words}; it says ${said}`, () => words.test(said) || child.exitCode !== null);
    assert.match(said, words);
    return words.exec(said)[1];
  };
  relay.clients = await heard(/(?<!management )listen(?:s|ing) on (http:\/\/\S+:\d+)/);
  relay.url = await heard(/the management listens on (http:\/\/\S+:\d+)/);
  return relay;
}

/** As no browser would: with whatever headers. */
function raw(url, method, target, headers) {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(`${url}${target}`, { method, headers }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body }));
    });
    asked.on('error', reject);
    asked.end(method === 'POST' ? '{}' : undefined);
  });
}

const relayTest = (name, body) => test(name, body, { relay: true });

relayTest('the relay serves the three files with the headers that keep them to themselves', async (scene) => {
  const { url } = await startRelay(scene);
  for (const [target, name] of Object.entries(files)) {
    const { status: code, headers, body } = await raw(url, 'GET', target, {});
    assert.equal(code, 200);
    assert.equal(body, await readFile(new URL(name, room), 'utf8'));
    assert.equal(
      headers['content-security-policy'],
      "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
        "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'",
    );
    assert.equal(headers['x-content-type-options'], 'nosniff');
    assert.equal(headers['referrer-policy'], 'no-referrer');
    assert.equal(headers['cross-origin-resource-policy'], 'same-origin');
    assert.equal(headers['cache-control'], 'no-store');
    assert.ok(!Object.keys(headers).some((header) => /^(access-control|set-cookie)/.test(header)));
  }
});

relayTest('a name that was pointed at this machine gets neither page nor API', async (scene) => {
  const { url } = await startRelay(scene);
  const { port } = new URL(url);
  const authorization = `Bearer ${tokens.operator}`;
  for (const target of [...Object.keys(files), '/api/v1/info']) {
    const { status: code } = await raw(url, 'GET', target, { host: `rebound.example:${port}`, authorization });
    assert.equal(code, 403, target);
  }
  // A page of another site, which knows the token for once.
  const foreign = { origin: 'http://rebound.example', authorization, 'content-type': 'application/json' };
  assert.equal((await raw(url, 'POST', '/api/v1/config:reload', foreign)).status, 403);
  // And as a browser has it: see main.mjs for where that name leads.
  const page = await scene.page(`http://rebound.example:${port}`);
  assert.equal((await page.goto(`http://rebound.example:${port}/`)).status(), 403);
  assert.equal(await page.locator('#main').count(), 0);
  scene.expectComplaint(/status of 403/);
});
