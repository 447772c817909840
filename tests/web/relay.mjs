// The same page, served by the relay itself, in front of providers that are fakes.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import path from 'node:path';

import { FakeProvider, json, sse } from '../clients/fake_provider.mjs';
import { message, messageEvents } from '../clients/messages.mjs';
import { tokens } from './fake_api.mjs';
import { nasty } from './fake_data.mjs';
import { button, rowOf, rowsOf, sections, status, tableOf, test, titleOf, until } from './harness.mjs';

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

/** A client's request; the answer. */
const send = (relay, model, stream = false) =>
  fetch(`${relay.clients}/v1/messages`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'anthropic-version': '2023-06-01' },
    body: JSON.stringify({ model, max_tokens: 10, stream, messages: [{ role: 'user', content: 'hello' }] }),
  });
const answer = () => json(200, message([{ type: 'text', text: 'hi' }]));

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

relayTest('every section shows what the relay did', async (scene) => {
  const relay = await startRelay(scene);
  relay.fakes[0].always(answer());
  const page = await scene.open(relay, {
    init: () => {
      window.broken = [];
      document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.effectiveDirective));
    },
  });
  for (const model of ['claude-sonnet-5-5', nasty]) assert.equal((await send(relay, model)).status, 200);
  await page.getByRole('banner').getByText('SERVING').waitFor();
  const rows = { overview: 'first', providers: 'second', keys: 'first', clients: 'anonymous', requests: nasty, usage: nasty, config: 'providers', log: 'request' };
  for (const section of sections) {
    await page.evaluate((to) => (location.hash = to), section);
    if (section === 'usage') {
      // The ledger writes a little later. Another question has the page ask anew.
      const authorization = `Bearer ${tokens.operator}`;
      await until('the ledger has it', async () => {
        const told = await fetch(`${relay.url}/api/v1/usage:query`, { headers: { authorization } });
        return (await told.json()).total.requests === 2;
      });
      await page.getByLabel('By').selectOption('client');
      await rowOf(page, 'Usage', 'anonymous').waitFor();
      await page.getByLabel('By').selectOption('model');
    }
    await rowOf(page, titleOf(section), rows[section]).waitFor();
  }
  assert.equal(await page.locator('img').count(), 0);
  assert.deepEqual(await page.evaluate(() => [window.hacked, ...window.broken]), [undefined]);
  await page.evaluate(() => (location.hash = 'requests'));
  await rowOf(page, 'Requests', nasty).getByRole('button', { name: /^Details of request/ }).click();
  const side = page.getByRole('dialog');
  await rowOf(side, 'Attempts', 'success').waitFor();
  await side.getByText('POST /v1/messages').waitFor();
});

/** Names of members by their paths, of lists by their first item; what is absent on a side says nothing. */
function compare(told, faked, where, found) {
  if (Array.isArray(told) && Array.isArray(faked)) {
    if (told.length > 0 && faked.length > 0) compare(told[0], faked[0], `${where}[]`, found);
  } else if (told && faked && typeof told === 'object' && typeof faked === 'object') {
    if (where.endsWith('.fields')) return; // names of its own
    for (const name of new Set([...Object.keys(told), ...Object.keys(faked)])) {
      if (!(name in told)) found.push(`only the fake tells ${where}.${name}`);
      else if (!(name in faked)) found.push(`the fake does not tell ${where}.${name}`);
      else compare(told[name], faked[name], `${where}.${name}`, found);
    }
  } else if (told !== null && faked !== null && typeof told !== typeof faked) {
    found.push(`${where} is ${JSON.stringify(told)}, the fake's ${JSON.stringify(faked)}`);
  }
}

/** The first message of a stream. */
async function firstOf(url, authorization) {
  const { body } = await fetch(url, { headers: { authorization } });
  let text = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    text += chunk;
    const data = /^data: (.*)\n\n/m.exec(text);
    if (data) return JSON.parse(data[1]);
  }
  throw new Error(`nothing in ${url}`);
}

relayTest('the fake tells what the relay tells', async (scene) => {
  const relay = await startRelay(scene);
  const api = await scene.fake();
  const authorization = `Bearer ${tokens.operator}`;
  relay.fakes[0].answer(answer()).answer(sse(messageEvents([{ type: 'text', text: 'hi' }]).slice(0, 3), { ending: 'hold' }));
  await (await send(relay, 'claude-sonnet-5-5')).text();
  const held = await send(relay, 'claude-sonnet-5-5', true);
  scene.atEnd(() => held.body.cancel());
  const get = async (url, target) => (await fetch(`${url}/api/v1${target}`, { headers: { authorization } })).json();
  await until('the ledger has it', async () => (await get(relay.url, '/usage:query')).total.requests > 0);
  const found = [];
  for (const target of [
    '/info', '/status?history_seconds=10', '/providers', '/keys', '/clients', '/requests', '/requests?ended=true',
    '/usage:query?group_by=USAGE_DIMENSION_MODEL', '/config', '/log-level',
  ]) {
    compare(await get(relay.url, target), await get(api.url, target), target, found);
  }
  for (const target of ['/status:watch', '/requests:watch?include_existing=true', '/logs:watch?tail=10']) {
    const [told, faked] = await Promise.all([relay, api].map(({ url }) => firstOf(`${url}/api/v1${target}`, authorization)));
    compare(told, faked, target, found);
  }
  const [one] = (await get(relay.url, '/requests?ended=true')).requests;
  compare(await get(relay.url, `/requests/${one.id}`), await get(api.url, '/requests/1f03c'), '/requests/ID', found);
  assert.deepEqual(found, []);
});

relayTest('a provider that is disabled in the page gets no request', async (scene) => {
  const relay = await startRelay(scene);
  for (const fake of relay.fakes) fake.always(answer());
  const page = await scene.open(relay, { section: 'providers' });
  await button(page, 'Disable first').click();
  await page.getByLabel('Reason').fill('night shift');
  await button(page, 'Confirm').click();
  await status(page, 'Done: first disabled.').waitFor();
  await rowOf(page, 'Providers', 'night shift').getByText('by token:operator').waitFor();
  assert.equal((await send(relay, 'claude-sonnet-5-5')).status, 200);
  assert.deepEqual(relay.fakes.map((fake) => fake.posts.length), [0, 1]);
  await button(page, 'Enable first').click();
  await button(page, 'Confirm').click();
  await status(page, 'Done: first enabled.').waitFor();
  assert.equal((await send(relay, 'claude-sonnet-5-5')).status, 200);
  assert.deepEqual(relay.fakes.map((fake) => fake.posts.length), [1, 1]);
});

relayTest('a stream that is cancelled in the page ends with an error for its client', async (scene) => {
  const relay = await startRelay(scene);
  relay.fakes[0].answer(sse(messageEvents([{ type: 'text', text: 'hi' }]).slice(0, 3), { ending: 'hold' }));
  const page = await scene.open(relay, { section: 'requests' });
  const client = await send(relay, 'claude-sonnet-5-5', true);
  assert.equal(client.status, 200);
  await rowOf(page, 'Requests', 'STREAMING').waitFor();
  await page.getByRole('button', { name: /^Cancel request/ }).click();
  await page.getByLabel('Reason').fill('stuck');
  await button(page, 'Confirm').click();
  await status(page, 'cancelled.').waitFor();
  assert.match(await client.text(), /event: error\ndata: .*\n\n$/);
  await rowOf(page, 'Requests', 'CANCELLED').waitFor();
  assert.deepEqual(await relay.fakes[0].posts[0].closed, { complete: false });
});

relayTest('a key is disabled and a breaker reset in the page', async (scene) => {
  const relay = await startRelay(scene);
  for (const fake of relay.fakes) fake.always(answer());
  const page = await scene.open(relay, { section: 'keys' });
  await rowOf(page, 'Keys', 'first').getByRole('button', { name: /^Disable key/ }).click();
  await button(page, 'Confirm').click();
  await status(page, /^.*Done: key \w+ disabled\./).waitFor();
  await rowOf(page, 'Keys', 'first').getByText('DISABLED').waitFor();
  assert.equal((await send(relay, 'claude-sonnet-5-5')).status, 200);
  assert.deepEqual(relay.fakes.map((fake) => fake.posts.length), [0, 1]);
  await page.evaluate(() => (location.hash = 'providers'));
  await button(page, 'Reset breaker of second').click();
  await button(page, 'Confirm').click();
  await status(page, 'Was so already: breaker of second reset.').waitFor();
});

relayTest('the configuration is checked and reloaded in the page', async (scene) => {
  const relay = await startRelay(scene);
  const page = await scene.open(relay, { section: 'config' });
  await rowOf(page, 'Config', 'providers.first.priority').waitFor();
  assert.ok(!(await page.content()).includes('provider-key-first'));
  await page.getByLabel('A configuration as TOML').fill('[server]\nlisen = "x"\n');
  await button(page, 'Check configuration').click();
  await page.getByText(/error, line 2.*lisen/).waitFor();
  await writeFile(relay.file, relay.toml.replace('priority = 5', 'priority = 6'));
  await button(page, 'Reload configuration').click();
  await button(page, 'Confirm').click();
  // The relay watches its file, and may have been quicker.
  await status(page, /Configuration reloaded/).waitFor();
  await rowOf(page, 'Config', 'providers.second.priority').getByText('6', { exact: true }).waitFor();
  await writeFile(relay.file, `${relay.toml}nonsense = 1\n`);
  await button(page, 'Reload configuration').click();
  await button(page, 'Confirm').click();
  await page.getByText(/error, line \d+.*nonsense/).waitFor();
  scene.expectComplaint(/status of 409/);
});

relayTest('a viewer of the relay looks and does not act', async (scene) => {
  const relay = await startRelay(scene);
  const page = await scene.open(relay, { section: 'providers', role: 'viewer' });
  await rowOf(page, 'Providers', 'first').waitFor();
  assert.equal(await page.getByRole('button', { name: /^(Disable|Enable|Drain|Reset)\b/ }).count(), 0);
  const headers = { authorization: `Bearer ${tokens.viewer}`, 'content-type': 'application/json' };
  assert.equal((await raw(relay.url, 'POST', '/api/v1/providers/first:disable', headers)).status, 403);
});

relayTest('a wrong token is not allowed by the relay', async (scene) => {
  const relay = await startRelay(scene);
  const page = await scene.page(relay.url);
  await page.goto(`${relay.url}/#token=wrong-token-0123456789`);
  await status(page, 'not allowed').waitFor();
  await page.getByLabel('Token').fill(tokens.operator);
  await button(page, 'Sign in').click();
  await status(page, 'live').waitFor();
  scene.expectComplaint(/status of 401/);
});
