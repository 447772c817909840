import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

import * as data from './fake_data.mjs';
import { button, rowOf, rowsOf, sections, status, tableOf, test, titleOf, until } from './harness.mjs';

const expected = {
  overview: ['anthropic OK 28 / 50 612 ms 0.1 % 16 882 39.8M / 3.00M $41.02', 'zai OPEN 21 s 0 1.20 s 100 % 118'],
  providers: ['bedrock-eu bedrock OK 9 803 ms 0 % 6 5 1 204 $1.16', 'ollama ollama DISABLED by uid:1000 since'],
  keys: ['5f1c0a9e team-a anthropic OK 21 31 / 50 requests/min 18 200 / 40 000 tokens in/min 5h 62.0 % until', 'a90b77d1 anthropic COOLING', '01c4ff3e zai REFUSED'],
  clients: ['alice configured 4 $4.10 / $10.00 a day 9 204 1 204 today $4.10 $31.00 0 claude-*', 'subscription subscription 1'],
  requests: ['1f03a', 'STREAMING alice claude-sonnet-5-5 anthropic', 'FAILED 502', 'CLIENT GONE subscription', '→ eu.anthropic.claude-haiku-5-5-v1:0'],
  usage: ['claude-opus-5-5 $27.40 9 000 20 2.10M 1.90M 3.00M 21.0M', 'claude-haiku-5-5 $3.04'],
  config: ['server.listen "127.0.0.1:8787" file line 2 at a restart', 'server.client_key "***" environment at a reload'],
  log: ['WARN breaker zai is left out for 30 s: 5 failures in a row', 'INFO request 200 anthropic claude-sonnet-5-5 1.2 s 1f039'],
};
const rows = { overview: 4, providers: 4, keys: 3, clients: 2, requests: 5, usage: 3, config: 4, log: 4 };

/** As a reader has it: the texts of the cells with a space between. */
const textsOf = (locator) =>
  locator.evaluateAll((found) => found.map((row) => {
    const texts = [];
    for (const walk = document.createTreeWalker(row, NodeFilter.SHOW_TEXT); walk.nextNode(); ) {
      if (walk.currentNode.parentElement.closest('.acts') === null) texts.push(walk.currentNode.data.trim());
    }
    return texts.join(' ').replace(/\s+/g, ' ');
  }));

test('each section has a link and a table of its name with a row for each item', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  const main = page.getByRole('main');
  for (const section of sections) {
    await page.getByRole('navigation').getByRole('link', { name: titleOf(section), exact: true }).click();
    await until(`${section} shows its rows`, async () => (await rowsOf(main, titleOf(section)).count()) === rows[section]);
    const texts = (await textsOf(rowsOf(page, titleOf(section)))).join('\n');
    for (const text of expected[section]) assert.ok(texts.includes(text), `${section}: ${text}\nnot in\n${texts}`);
    assert.equal(await page.title(), `${titleOf(section)} · cc-relay`);
    assert.equal(await page.getByRole('navigation').locator('[aria-current=page]').textContent(), titleOf(section));
  }
});

test('the overview tells rates, totals and what the process uses', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  const part = (name) => page.getByRole('region', { name, exact: true });
  await rowOf(page, 'Overview', 'anthropic').waitFor();
  for (const [name, text] of [
    ['Requests/s', '41.2'], ['Failed/s', '0.2'], ['Tokens out/s', '1\u202f840'], ['In flight', '37'],
    ['Now', 'First byte640 ms p90 1.21 s · p99 2.10 s'], ['Today', '18\u202f204 31 failed · 112 retried'],
    ['Today', 'From the cache77.9 %'], ['Today', '$42.18'], ['Process', '21.0 MiB'], ['Process', '3 d 4 h'],
    ['Last trouble', 'failed 502: connection closed before the answer'],
  ]) {
    assert.ok((await part(name).textContent()).includes(text), `${name}: ${await part(name).textContent()}`);
  }
  // Five minutes in steps of five seconds, as far as they go.
  const line = await part('Requests/s').locator('path.line').getAttribute('d');
  assert.ok(line.split('L').length >= 60 && !line.includes('NaN'), line);
});

test('a relay that has done nothing yet shows that', async (scene) => {
  const api = await scene.fake();
  Object.assign(api, { providers: [data.provider('fresh')], keys: [], clients: [], running: [], recent: [], log: [] });
  api.status.history = [];
  api.status.today = null;
  Object.assign(api.status.first_byte, { count: 0, p50_us: 0 });
  const page = await scene.open(api);
  assert.ok((await page.getByRole('region', { name: 'Now' }).textContent()).includes('First byte–'));
  await page.getByRole('region', { name: 'Since the start' }).waitFor();
  for (const section of ['keys', 'clients', 'requests', 'log']) {
    await page.goto(`${api.url}/#${section}`);
    await tableOf(page, titleOf(section)).waitFor({ state: 'attached' });
    assert.equal(await rowsOf(page, titleOf(section)).count(), 0);
  }
});

test('details of a request show its attempts and the trace of decisions', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  await button(page, 'Details of request 1f03c').click();
  const side = page.getByRole('dialog', { name: 'Request 1f03c' });
  await rowOf(side, 'Attempts', 'failed 502').waitFor();
  assert.equal(await rowsOf(side, 'Attempts').count(), 2);
  await rowOf(side, 'Attempts', 'anthropic>chat').waitFor();
  await side.getByText('POST /v1/messages anthropic').waitFor();
  assert.equal(await rowsOf(side, 'Trace').count(), 4);
  await rowOf(side, 'Trace', 'home of this conversation').waitFor();
  // It goes on while it is shown.
  api.running[1].attempts[1].outcome = 'OUTCOME_SUCCESS';
  await until('the attempt has ended', async () => {
    api.pushStatus();
    return (await rowOf(side, 'Attempts', 'success').count()) === 1;
  });
  await page.keyboard.press('Escape');
  await side.waitFor({ state: 'detached' });
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Details of request 1f03c');
});

test('details of a provider show its breaker, models and outcomes', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  await button(page, 'Details of provider anthropic').click();
  const side = page.getByRole('dialog', { name: 'Provider anthropic' });
  const text = await side.textContent();
  for (const part of ['speaks anthropic', '0 of 5 failures in a row', 'whatever is asked for', '5f1c0a9e a90b77d1', 'rate limited12', 'set aside for 38 s']) {
    assert.ok(text.includes(part), `${part}: ${text}`);
  }
  await button(side, 'Close').click();
  await side.waitFor({ state: 'detached' });
});

test('the filter leaves what fits, and each section begins without one', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  const filter = page.getByRole('searchbox', { name: 'Filter' });
  await filter.fill('BEDROCK');
  await until('one is left', async () => (await rowsOf(page, 'Providers').count()) === 1);
  await rowOf(page, 'Providers', 'bedrock-eu').waitFor();
  await page.getByRole('link', { name: 'Keys' }).click();
  await until('all keys show', async () => (await rowsOf(page, 'Keys').count()) === 3);
  assert.equal(await filter.inputValue(), '');
});

test('a column sorts, down and up, and says so', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  await rowOf(page, 'Providers', 'anthropic').waitFor();
  const names = () => rowsOf(page, 'Providers').locator('button.name').allTextContents();
  const head = tableOf(page, 'Providers').getByRole('columnheader', { name: 'First byte' });
  await head.getByRole('button').click();
  assert.deepEqual(await names(), ['zai', 'bedrock-eu', 'anthropic', 'ollama']);
  assert.equal(await head.getAttribute('aria-sort'), 'descending');
  await head.getByRole('button').click();
  assert.deepEqual(await names(), ['ollama', 'anthropic', 'bedrock-eu', 'zai']);
  assert.equal(await head.getAttribute('aria-sort'), 'ascending');
});

test('a list of several pages is shown whole', async (scene) => {
  const api = await scene.fake();
  api.clients = Array.from({ length: 25 }, (_, i) => data.client(`client-${i}`));
  api.pageSize = 10;
  const page = await scene.open(api, { section: 'clients' });
  await until('all show', async () => (await rowsOf(page, 'Clients').count()) === 25);
});

test('usage is asked by what was chosen and saved as the relay tells it', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'usage' });
  const asked = () => api.asked.filter(({ path }) => path === '/usage:query').at(-1);
  await rowOf(page, 'Usage', 'claude-opus-5-5').waitFor();
  assert.equal(asked().query.get('group_by'), 'USAGE_DIMENSION_MODEL');
  assert.equal(asked().query.get('order_by'), 'USAGE_ORDER_COST');
  const start = new Date(asked().query.get('start_time'));
  assert.deepEqual([start.getHours(), start.getMinutes(), start.getSeconds()], [0, 0, 0]);

  const by = page.getByLabel('By');
  for (const [value, text] of [['provider', 'bedrock-eu'], ['client', '(none)'], ['key', 'a90b77d1']]) {
    await by.selectOption(value);
    await rowOf(page, 'Usage', text).waitFor();
    assert.equal(asked().query.get('group_by'), `USAGE_DIMENSION_${value.toUpperCase()}`);
  }
  // The longest bar is the dearest row's.
  const widths = await rowsOf(page, 'Usage').locator('rect.part').evaluateAll((all) => all.map((each) => each.getAttribute('width')));
  assert.deepEqual(widths, ['100.0%', '25.0%', '11.1%']);
  await by.selectOption('day');
  await until('days show', async () => /^\d{4}-\d\d-\d\d/.test((await rowsOf(page, 'Usage').first().textContent())));
  assert.equal(asked().query.get('interval'), 'USAGE_INTERVAL_DAY');
  await page.getByLabel('Since').selectOption('all');
  await until('no beginning is asked', () => asked().query.get('start_time') === null);

  await by.selectOption('model');
  await rowOf(page, 'Usage', 'claude-opus-5-5').waitFor();
  const saved = page.waitForEvent('download');
  await button(page, 'CSV').click();
  const file = await saved;
  assert.equal(file.suggestedFilename(), 'cc-relay-usage-by-model.csv');
  assert.ok((await readFile(await file.path(), 'utf8')).startsWith('group,nano_usd\r\nclaude-opus-5-5,27400000000\r\n'));
  await status(page, 'Saved cc-relay-usage-by-model.csv.').waitFor();
});

test('an answer about usage belongs to its question, which may be asked again', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'usage' });
  await rowOf(page, 'Usage', 'claude-opus-5-5').waitFor();
  const by = page.getByLabel('By');
  const held = (api.heldUsage = []);
  const next = async (dimension) => {
    await until('the next question is asked', () => held.length === 1);
    const asked = api.asked.filter(({ path }) => path === '/usage:query').at(-1);
    assert.equal(asked.query.get('group_by'), `USAGE_DIMENSION_${dimension}`);
    return held.pop();
  };
  await by.selectOption('client');
  const toClients = await next('CLIENT');
  await by.selectOption('key');
  toClients();
  // Nothing but the answer has it asked: no status comes.
  const toKeys = await next('KEY');
  assert.equal(await rowsOf(page, 'Usage').count(), 0);
  await by.selectOption('client');
  await rowOf(page, 'Usage', 'alice').waitFor();
  toKeys();
  (await next('CLIENT'))();
  await by.selectOption('key');
  await rowOf(page, 'Usage', 'a90b77d1').waitFor();
  (await next('KEY'))();
});

test('without a ledger the page says what the relay says', async (scene) => {
  const api = await scene.fake();
  api.ledger = false;
  const page = await scene.open(api, { section: 'usage' });
  await page.getByText('There is no ledger: ledger.enabled = false.').waitFor();
  scene.expectComplaint(/status of 409/);
});

test('a text from outside is shown as it is, wherever it comes from', async (scene) => {
  const api = await scene.fake();
  const { nasty } = data;
  api.providers.push(data.provider(nasty, {
    type: nasty, base_url: nasty, models: [nasty],
    last_error: { time: api.status.time, outcome: 'OUTCOME_FAILED', status: 500, message: nasty, id: nasty },
    admin_override: { state: 'ADMIN_STATE_ENABLED', set_by: nasty, reason: nasty, set_time: api.status.time, expire_time: null },
  }));
  api.keys.push(data.key('0badf00d', nasty));
  api.clients.push(data.client(nasty, { allowed_models: [nasty] }));
  api.running.push(data.request(api.now, '1f0ff', { model: nasty, client: nasty, session: nasty, request_id: nasty, path: nasty, error: nasty }));
  api.log.push(data.line(api.now, 'ERROR', nasty, nasty, { fields: { [nasty]: nasty } }));
  api.settings = [...api.settings, { path: nasty, value: nasty, origin: 'SETTING_ORIGIN_FILE', line: 1, needs_restart: false }];
  const page = await scene.open(api);
  for (const section of ['overview', 'providers', 'keys', 'clients', 'requests', 'config', 'log']) {
    await page.evaluate((to) => (location.hash = to), section);
    await rowOf(page, titleOf(section), nasty).waitFor();
  }
  await page.evaluate(() => (location.hash = 'requests'));
  await button(page, 'Details of request 1f0ff').click();
  await page.getByRole('dialog').getByText(nasty).first().waitFor();
  await page.keyboard.press('Escape');
  await page.evaluate(() => (location.hash = 'providers'));
  await button(page, `Disable ${nasty}`).click();
  await page.getByRole('alertdialog').getByText(`Disable provider ${nasty}?`).waitFor();
  await button(page, 'Confirm').click();
  await status(page, `Done: ${nasty} disabled.`).waitFor();
  assert.equal(await page.locator('img').count(), 0);
  assert.equal(await page.evaluate(() => window.hacked), undefined);
  assert.ok(api.posts()[0].path.startsWith('/providers/%3Cimg%20src%3Dx%20'), api.posts()[0].path);
});
