import assert from 'node:assert/strict';

import { button, rowOf, sections, status, test, titleOf, until } from './harness.mjs';

const focused = (page) => page.evaluate(() => document.activeElement.textContent);

/** Presses the button, looks at what is asked, and confirms. */
async function order(page, name, { title, text, fill }) {
  await button(page, name).click();
  const box = page.getByRole('alertdialog', { name: title });
  await box.waitFor();
  assert.equal(await focused(page), 'Back');
  const told = await box.getByRole('paragraph').first().textContent();
  assert.ok(told.includes(text), told);
  await fill?.(box);
  await button(box, 'Confirm').click();
  await box.waitFor({ state: 'detached' });
}

test('nothing is done before it is confirmed', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  for (const leave of ['Back', 'Escape', 'Enter']) {
    await button(page, 'Disable anthropic').click();
    const box = page.getByRole('alertdialog', { name: 'Disable provider anthropic?' });
    await box.waitFor();
    assert.equal(await focused(page), 'Back');
    if (leave === 'Back') await button(box, 'Back').click();
    else await page.keyboard.press(leave); // Enter is Back
    await box.waitFor({ state: 'detached' });
    assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Disable anthropic');
  }
  // Nor by Enter behind the reason.
  await button(page, 'Disable anthropic').click();
  await page.getByLabel('Reason').fill('why');
  await page.keyboard.press('Enter');
  assert.equal(await page.getByRole('alertdialog').count(), 1);
  await page.keyboard.press('Escape');
  assert.deepEqual(api.posts(), []);
});

test('a provider is disabled, enabled, drained and its breaker reset', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  await order(page, 'Disable anthropic', {
    title: 'Disable provider anthropic?',
    text: '28 requests run there and go on. New ones go to bedrock-eu.',
    fill: async (box) => {
      await box.getByLabel('For').selectOption('1 h');
      await box.getByLabel('Reason').fill('night shift');
      await box.getByLabel('Also cancel what runs there').check();
    },
  });
  await status(page, 'Done: anthropic disabled.').waitFor();
  const [disabled] = api.posts();
  assert.equal(disabled.path, '/providers/anthropic:disable');
  assert.deepEqual(disabled.body, { ttl_ms: 3600000, reason: 'night shift', cancel_running: true });
  const row = rowOf(page, 'Providers', 'night shift');
  await row.getByText('DISABLED').waitFor();
  assert.equal(await button(page, 'Disable anthropic').count(), 0);

  await order(page, 'Enable anthropic', { title: 'Enable provider anthropic?', text: 'takes requests again' });
  await status(page, 'Done: anthropic enabled.').waitFor();
  await button(page, 'Disable anthropic').waitFor();
  await order(page, 'Drain anthropic', { title: 'Drain provider anthropic?', text: '19 conversations at home there' });
  await status(page, 'Done: anthropic drains.').waitFor();
  await rowOf(page, 'Providers', 'DRAINING').waitFor();
  await order(page, 'Reset breaker of zai', { title: 'Reset breaker of zai?', text: 'It is open, with 5 failures in a row.' });
  await status(page, 'Done: breaker of zai reset.').waitFor();
  await until('zai is OK', async () => (await rowOf(page, 'Providers', 'zai').getByText('OPEN').count()) === 0);
  assert.deepEqual(api.posts().slice(1).map(({ path, body }) => [path, body]), [
    ['/providers/anthropic:enable', { reason: '' }],
    ['/providers/anthropic:drain', { timeout_ms: 300000, reason: '' }],
    ['/providers/zai:reset-breaker', {}],
  ]);
});

test('what the relay warns of and what was so already are told', async (scene) => {
  const api = await scene.fake();
  api.providers = api.providers.slice(0, 1);
  const page = await scene.open(api, { section: 'providers' });
  await button(page, 'Disable anthropic').waitFor();
  api.providers[0].admin_state = 'ADMIN_STATE_DISABLED'; // by somebody else, this moment
  await order(page, 'Disable anthropic', { title: /Disable/, text: 'No other is ready: clients may get errors.' });
  await status(page, 'Was so already: anthropic disabled. No provider is left.').waitFor();
});

test('the overview acts on providers, too', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  await page.getByLabel('Actions of bedrock-eu').click();
  await order(page, 'Drain bedrock-eu', { title: 'Drain provider bedrock-eu?', text: '6 conversations' });
  await status(page, 'Done: bedrock-eu drains.').waitFor();
  assert.equal(await button(page, 'Disable bedrock-eu').count(), 0); // the menu is closed
  await page.getByLabel('Actions of bedrock-eu').click();
  await button(page, 'Enable bedrock-eu').waitFor();
  await page.keyboard.press('Escape');
  await button(page, 'Enable bedrock-eu').waitFor({ state: 'hidden' });
});

test('a key is disabled, enabled and reset', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'keys' });
  await order(page, 'Disable key 5f1c0a9e', { title: 'Disable key 5f1c0a9e?', text: '21 requests run with it and go on.' });
  await status(page, 'Done: key 5f1c0a9e disabled.').waitFor();
  await rowOf(page, 'Keys', 'DISABLED').waitFor();
  await order(page, 'Enable key 5f1c0a9e', { title: 'Enable key 5f1c0a9e?', text: 'used again' });
  await status(page, 'Done: key 5f1c0a9e enabled.').waitFor();
  await order(page, 'Reset key a90b77d1', {
    title: 'Reset key a90b77d1?', text: 'cool-downs are forgotten',
    fill: (box) => box.getByLabel('Also what was spent of its budgets').check(),
  });
  await status(page, 'Done: key a90b77d1 reset.').waitFor();
  assert.deepEqual(api.posts().map(({ path, body }) => [path, body]), [
    ['/keys/5f1c0a9e:disable', { ttl_ms: 0, reason: '' }],
    ['/keys/5f1c0a9e:enable', { reason: '' }],
    ['/keys/a90b77d1:reset', { reset_budgets: true }],
  ]);
});

test('a request is cancelled from the list and from its details', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  await order(page, 'Cancel request 1f03a', {
    title: 'Cancel request 1f03a?', text: 'alice gets an error.', fill: (box) => box.getByLabel('Reason').fill('stuck'),
  });
  await status(page, 'Done: request 1f03a cancelled.').waitFor();
  await rowOf(page, 'Requests', '1f03a').getByText('CANCELLED').waitFor();
  await button(page, 'Details of request 1f03c').click();
  const side = page.getByRole('dialog', { name: 'Request 1f03c' });
  await button(side, 'Cancel request 1f03c').click();
  await button(page, 'Confirm').click();
  await status(page, 'Done: request 1f03c cancelled.').waitFor();
  assert.equal(await page.getByRole('dialog').count(), 0);
  assert.deepEqual(api.posts().map(({ path, body }) => [path, body.reason]), [
    ['/requests/1f03a:cancel', 'stuck'], ['/requests/1f03c:cancel', ''],
  ]);
});

test('what failed is told, and nothing pretends it was done', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  await button(page, 'Cancel request 1f03a').click();
  api.running = api.running.slice(1);
  await button(page, 'Confirm').click();
  await status(page, 'Not done: no request 1f03a runs').waitFor();
  scene.expectComplaint(/status of 404/);
});

test('a configuration is checked, as a text and as the file', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'config' });
  await page.getByLabel('A configuration as TOML').fill('[server]\nlisen = "x"\n');
  await button(page, 'Check configuration').click();
  await status(page, 'Not valid: 1 remark.').waitFor();
  await page.getByText('error, line 2:1, server.lisen: unknown; "listen" is meant?').waitFor();
  await page.getByLabel('A configuration as TOML').fill('');
  await button(page, 'Check configuration').click();
  await status(page, 'Valid: 1 change.').waitFor();
  await page.getByText('server.timeout_ms: 600000 → 300000').waitFor();
  assert.deepEqual(api.posts().map(({ body }) => body.toml), ['[server]\nlisen = "x"\n', '']);
  await page.getByText('All of it as TOML').click();
  await page.getByLabel('Configuration as TOML').getByText('client_key = "***"').waitFor();
});

test('the configuration is reloaded, and one with mistakes is not', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'config' });
  await order(page, 'Reload configuration', { title: 'Reload configuration?', text: 'reads /etc/cc-relay/relay.toml again' });
  await status(page, 'Configuration reloaded: generation 3, 1 change.').waitFor();
  await page.getByText('generation 3').first().waitFor();
  api.reloadMistakes = [{ severity: 'SEVERITY_ERROR', file: '/etc/cc-relay/relay.toml', line: 7, column: 3, path: 'providers', message: 'nobody is asked' }];
  await order(page, 'Reload configuration', { title: 'Reload configuration?', text: 'a mistake changes nothing' });
  await status(page, 'Not reloaded: the file has mistakes').waitFor();
  await page.getByText('error, line 7:3, providers: nobody is asked').waitFor();
  scene.expectComplaint(/status of 409/);
});

test('the level of the log is set, for a while or for good', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'log' });
  await page.getByLabel('Relay writes from').selectOption('debug for 15 min');
  await status(page, "The log's level is debug for 15 minutes.").waitFor();
  await page.getByLabel('Relay writes from').selectOption('warn');
  await status(page, "The log's level is warn.").waitFor();
  assert.deepEqual(api.posts().map(({ body }) => body), [
    { level: 'LOG_LEVEL_DEBUG', ttl_ms: 900000 }, { level: 'LOG_LEVEL_WARN', ttl_ms: 0 },
  ]);
  await page.getByLabel('Show from').selectOption('error');
  await until('its lines are asked for', () => api.asked.some(({ query }) => query.get('min_level') === 'LOG_LEVEL_ERROR'));
});

test('a viewer sees everything and has nothing to act with', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { role: 'viewer' });
  const acts = /^(Disable|Enable|Drain|Reset|Cancel|Reload|Actions)\b/;
  for (const section of sections) {
    await page.evaluate((to) => (location.hash = to), section);
    await page.getByRole('table', { name: titleOf(section), exact: true }).locator('tbody tr').first().waitFor();
    assert.equal(await page.getByRole('button', { name: acts }).count(), 0, section);
    assert.equal(await page.getByLabel(acts).count(), 0, section);
  }
  assert.equal(await page.getByLabel('Relay writes from').count(), 0);
  await page.evaluate(() => (location.hash = 'requests'));
  await button(page, 'Details of request 1f03a').click();
  await page.getByRole('dialog').getByText('POST /v1/messages').waitFor();
  assert.equal(await page.getByRole('button', { name: acts }).count(), 0);
  await page.keyboard.press('Escape');
  // To check a text is no act.
  await page.evaluate(() => (location.hash = 'config'));
  await button(page, 'Check configuration').click();
  await status(page, 'Valid: 1 change.').waitFor();
});
