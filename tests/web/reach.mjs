import assert from 'node:assert/strict';

import * as data from './fake_data.mjs';
import { button, rowOf, rowsOf, sections, status, test, titleOf, until } from './harness.mjs';

/** What of WCAG 2.2 AA a program can see, and what axe thinks good beside. */
async function checkByAxe(page, axe, where) {
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { resultTypes: ['violations'] }));
  const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
  assert.deepEqual(told, [], where);
}

export function reachCases(axe) {
  for (const scheme of ['light', 'dark']) {
    test(`axe finds nothing in any section, ${scheme}`, async (scene) => {
      const api = await scene.fake();
      const page = await scene.open(api, { scheme });
      for (const section of sections) {
        await page.evaluate((to) => (location.hash = to), section);
        await rowsOf(page, titleOf(section)).first().waitFor();
        await checkByAxe(page, axe, section);
      }
    });

    test(`axe finds nothing in forms and dialogs, ${scheme}`, async (scene) => {
      const api = await scene.fake();
      const blank = await scene.page(api.url, { scheme });
      await blank.goto(`${api.url}/#token=wrong-token-0123456789`);
      await status(blank, 'not allowed').waitFor();
      await checkByAxe(blank, axe, 'the form');
      scene.expectComplaint(/status of 401/);

      const page = await scene.open(api, { scheme });
      await page.getByLabel('Actions of zai').click();
      await checkByAxe(page, axe, 'a menu');
      await page.keyboard.press('?');
      await page.getByRole('dialog', { name: 'Keys' }).waitFor();
      await checkByAxe(page, axe, 'the keys');
      await page.keyboard.press('Escape');
      await page.evaluate(() => (location.hash = 'providers'));
      await button(page, 'Disable anthropic').click();
      await page.getByRole('alertdialog').waitFor();
      await checkByAxe(page, axe, 'a question');
      await button(page, 'Confirm').click();
      await status(page, 'Done').waitFor();
      await checkByAxe(page, axe, 'what was done');
      await button(page, 'Details of provider anthropic').click();
      await page.getByRole('dialog').getByText('How it is').waitFor();
      await checkByAxe(page, axe, 'details of a provider');
      await page.keyboard.press('Escape');
      await page.evaluate(() => (location.hash = 'requests'));
      await button(page, 'Details of request 1f03c').click();
      await page.getByRole('dialog').getByText('home of this conversation').waitFor();
      await checkByAxe(page, axe, 'details of a request');
    });
  }

  test('axe finds nothing at 360 px', async (scene) => {
    const api = await scene.fake();
    const page = await scene.open(api, { width: 360, height: 740 });
    for (const section of sections) {
      await page.evaluate((to) => (location.hash = to), section);
      await rowsOf(page, titleOf(section)).first().waitFor();
      await checkByAxe(page, axe, section);
    }
  });
}

test('at 360 px it is one column of cards and never scrolls sideways', async (scene) => {
  const api = await scene.fake();
  const long = 'a-name-without-any-place-to-break-it-'.repeat(4);
  api.providers.push(data.provider(long, { base_url: `https://${long}.example` }));
  api.keys.push(data.key('77ab0c21', long));
  api.clients.push(data.client(long, { allowed_models: [long] }));
  api.running.push(data.request(api.now, '1f0aa', { model: long, client: long }));
  api.log.push(data.line(api.now, 'WARN', 'long', long, { fields: { [long]: long } }));
  const page = await scene.open(api, { width: 360, height: 740 });
  const widest = () => page.evaluate(() => document.documentElement.scrollWidth);
  for (const section of sections) {
    await page.getByRole('navigation').getByRole('link', { name: titleOf(section), exact: true }).click();
    await rowsOf(page, titleOf(section)).first().waitFor();
    assert.equal(await widest(), 360, section);
    assert.equal(await page.getByRole('columnheader').count(), 0, section);
    // A card's values stand below each other, each behind its label.
    const places = await rowsOf(page, titleOf(section)).first().locator('td:has(.value:not(:empty))').evaluateAll((cells) =>
      cells.map((cell) => [cell.getBoundingClientRect().top, getComputedStyle(cell, '::before').content]));
    assert.ok(places.length >= 3, section);
    for (let i = 1; i < places.length; ++i) assert.ok(places[i][0] > places[i - 1][0], section);
    assert.ok(places[0][1].length > 2, places[0][1]);
  }
  await page.evaluate(() => (location.hash = 'requests'));
  await button(page, 'Details of request 1f0aa').click();
  await page.getByRole('dialog').getByText('POST').waitFor();
  assert.ok((await page.getByRole('dialog').evaluate((node) => node.scrollWidth - node.clientWidth)) <= 0);
  await page.keyboard.press('Escape');
  await button(page, 'Cancel request 1f0aa').click();
  await page.getByRole('alertdialog').waitFor();
  assert.equal(await widest(), 360);
});

test('between narrow and wide nothing is wider than the window either', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  for (const width of [320, 480, 640, 800, 1000, 1100]) {
    await page.setViewportSize({ width, height: 800 });
    for (const section of sections) {
      await page.evaluate((to) => (location.hash = to), section);
      await rowsOf(page, titleOf(section)).first().waitFor();
      assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), width, section);
    }
  }
});

test('all of it works by the keyboard alone', async (scene) => {
  const api = await scene.fake();
  const page = await scene.page(api.url);
  await page.goto(api.url);
  const { keyboard } = page;
  const focus = () => page.evaluate(() => document.activeElement.ariaLabel || document.activeElement.textContent || document.activeElement.id);
  const tabTo = async (wanted) => {
    for (let i = 0; i < 80; ++i) {
      await keyboard.press('Tab');
      if ((await focus()) === wanted) return;
    }
    assert.fail(`Tab does not come to ${wanted}`);
  };
  await tabTo('token');
  await keyboard.type('operator-token-0123456789');
  await keyboard.press('Enter');
  await status(page, 'live').waitFor();

  for (const [i, section] of sections.entries()) {
    await keyboard.press(String(i + 1));
    await rowsOf(page, titleOf(section)).first().waitFor();
  }
  await keyboard.press('2');
  await rowOf(page, 'Providers', 'zai').waitFor();
  await tabTo('Disable bedrock-eu');
  // What has the focus shows it.
  assert.equal(await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle), 'solid');
  await keyboard.press('Enter');
  await page.getByRole('alertdialog').waitFor();
  assert.equal(await focus(), 'Back');
  // The focus goes round inside the question.
  for (let i = 0; i < 12; ++i) {
    await keyboard.press('Tab');
    assert.ok(await page.evaluate(() => document.activeElement === document.body || document.activeElement.closest('dialog') !== null));
  }
  await tabTo('Confirm');
  await keyboard.press('Enter');
  await status(page, 'Done: bedrock-eu disabled.').waitFor();
  assert.equal(api.posts().length, 1);
  await keyboard.press('1');
  await rowOf(page, 'Overview', 'zai').waitFor();
  await tabTo('Actions of zai');
  await keyboard.press('Enter');
  await tabTo('Drain zai');
  await keyboard.press('Escape');
  await button(page, 'Drain zai').waitFor({ state: 'hidden' });
  assert.equal(await focus(), 'Actions of zai');
});

test('keys: / filters, ? tells, Esc closes, and none does anything while typing', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'providers' });
  const { keyboard } = page;
  await keyboard.press('/');
  await keyboard.type('z1?p/');
  const filter = page.getByRole('searchbox');
  assert.equal(await filter.inputValue(), 'z1?p/');
  assert.equal(await page.title(), 'Providers · cc-relay');
  assert.equal(await page.getByRole('dialog').count(), 0);
  await keyboard.press('Escape');
  await until('the filter is empty', async () => (await filter.inputValue()) === '');
  assert.equal(await rowsOf(page, 'Providers').count(), 4);

  await keyboard.press('?');
  const help = page.getByRole('dialog', { name: 'Keys' });
  await help.getByText('sections').waitFor();
  await keyboard.press('3'); // not behind a dialog
  assert.equal(await page.title(), 'Providers · cc-relay');
  // They can be turned off, for those whose speech types them.
  await help.getByLabel('Single keys do something').uncheck();
  await keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await keyboard.press('3');
  assert.equal(await page.title(), 'Providers · cc-relay');
  await page.reload();
  await status(page, 'live').waitFor();
  await button(page, 'Keys').click();
  await help.getByLabel('Single keys do something').check();
  await keyboard.press('Escape');
  await help.waitFor({ state: 'detached' });
  await keyboard.press('3');
  await until('it is section 3', async () => (await page.title()) === 'Keys · cc-relay');
  // Nothing with Ctrl, which is the browser's.
  await keyboard.press('Control+2');
  assert.equal(await page.title(), 'Keys · cc-relay');
});

test('the theme follows the system until the switch is used, and then stays', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { scheme: 'dark' });
  const ground = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  const theme = page.getByRole('switch', { name: 'Theme' });
  assert.equal(await theme.getAttribute('aria-checked'), 'true');
  const dark = await ground();
  await theme.click();
  const light = await ground();
  assert.notEqual(light, dark);
  assert.equal(await theme.getAttribute('aria-checked'), 'false');
  await page.reload();
  await status(page, 'live').waitFor();
  assert.equal(await ground(), light);
  await page.getByRole('switch', { name: 'Theme' }).click();
  assert.equal(await ground(), dark);
});
