import assert from 'node:assert/strict';

import { tokens } from './fake_api.mjs';
import { button, status, test, until } from './harness.mjs';

const kept = (page) => page.evaluate(() => [sessionStorage.getItem('cc-relay-token'), document.cookie]);

test('a token in the address is taken, kept for the tab, and gone from the address bar', async (scene) => {
  const api = await scene.fake();
  const page = await scene.page(api.url);
  await page.goto(`${api.url}/#token=${encodeURIComponent(tokens.operator)}`);
  await status(page, 'live').waitFor();
  assert.equal(page.url(), `${api.url}/#overview`);
  assert.deepEqual(await kept(page), [tokens.operator, '']);
  assert.equal(await page.evaluate(() => history.length), 2); // the empty page, and this one
  assert.ok(api.asked.length > 0);
  for (const { authorization } of api.asked) assert.equal(authorization, `Bearer ${tokens.operator}`);

  await page.reload();
  await status(page, 'live').waitFor();
  // Another tab knows nothing of it.
  const other = await page.context().newPage();
  await other.goto(api.url);
  await button(other, 'Sign in').waitFor();
  assert.deepEqual(await kept(other), [null, '']);
});

test('without a token a form asks for it and nothing else is asked', async (scene) => {
  const api = await scene.fake();
  const page = await scene.page(api.url);
  await page.goto(api.url);
  await page.getByLabel('Token').fill(tokens.operator);
  assert.deepEqual(api.asked, []);
  assert.equal(await page.getByRole('navigation').count(), 0);
  await button(page, 'Sign in').click();
  await status(page, 'live').waitFor();
  assert.equal(await page.getByRole('navigation').getByRole('link').count(), 8);
  assert.deepEqual(await kept(page), [tokens.operator, '']);

  await button(page, 'Sign out').click();
  await page.getByLabel('Token').waitFor();
  assert.deepEqual(await kept(page), [null, '']);
  assert.equal(await page.getByLabel('Token').inputValue(), '');
  assert.equal(await page.getByText('anthropic').count(), 0);
});

test('a wrong token is not allowed, and the right one is let in after it', async (scene) => {
  const api = await scene.fake();
  const page = await scene.page(api.url);
  await page.goto(`${api.url}/#token=wrong-token-0123456789`);
  await status(page, 'not allowed: This takes a token of the relay.').waitFor();
  assert.deepEqual(await kept(page), [null, '']);
  // What can be in no header is not even asked.
  const before = api.asked.length;
  await page.getByLabel('Token').fill('schlüssel');
  await button(page, 'Sign in').click();
  await status(page, 'not allowed: a token has no such characters').waitFor();
  assert.equal(api.asked.length, before);

  await page.getByLabel('Token').fill(` ${tokens.viewer} `);
  await button(page, 'Sign in').click();
  await status(page, 'live').waitFor();
  scene.expectComplaint(/status of 401/);
});

test('a token that is taken away is not allowed any more', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  api.revoked = true;
  await until('it has asked again', async () => {
    api.pushStatus();
    return (await status(page, 'not allowed').count()) === 1;
  });
  await page.getByLabel('Token').waitFor();
  assert.equal(await page.getByText('anthropic').count(), 0);
  scene.expectComplaint(/status of 401/);
});

test('a token in the address of a page that is open takes the place of the other', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  await page.evaluate((token) => (location.hash = `token=${token}`), tokens.viewer);
  await page.getByRole('button', { name: 'Actions of anthropic' }).waitFor({ state: 'detached' });
  await status(page, 'live').waitFor();
  assert.deepEqual(await kept(page), [tokens.viewer, '']);
  assert.ok(!page.url().includes('token'));
});
