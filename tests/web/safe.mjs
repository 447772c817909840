import assert from 'node:assert/strict';

import { button, status, test } from './harness.mjs';

test('its policy lets no other script, style, frame or address in', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  const outcome = await page.evaluate(async () => {
    const said = [];
    document.addEventListener('securitypolicyviolation', (event) => said.push(event.effectiveDirective));
    const tried = async (action) => {
      try {
        await action();
        return 'done';
      } catch (problem) {
        return problem.name;
      }
    };
    const script = document.createElement('script');
    const results = {
      markup: await tried(() => (document.body.innerHTML = '<b>x</b>')),
      source: await tried(() => (script.text = 'window.hacked = 1')),
      elsewhere: await tried(() => fetch('http://127.0.0.2:9/')),
    };
    const frame = document.createElement('iframe');
    frame.src = '/';
    const style = document.createElement('style');
    style.textContent = 'body { display: none }';
    document.body.append(frame, style);
    await new Promise((done) => setTimeout(done, 100));
    return { ...results, hacked: window.hacked, shown: getComputedStyle(document.body).display, said };
  });
  assert.equal(outcome.markup, 'TypeError');
  assert.equal(outcome.source, 'TypeError');
  assert.equal(outcome.elsewhere, 'TypeError');
  assert.equal(outcome.hacked, undefined);
  assert.equal(outcome.shown, 'block');
  for (const directive of ['require-trusted-types-for', 'connect-src', 'frame-src', 'style-src-elem']) {
    assert.ok(outcome.said.includes(directive), `${directive} not in ${outcome.said}`);
  }
  scene.expectComplaint(/Content Security Policy|Trusted|requires/i);
});

test('its own doings break no rule of the policy', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, {
    init: () => {
      window.broken = [];
      document.addEventListener('securitypolicyviolation', (event) => window.broken.push(event.effectiveDirective));
    },
  });
  for (const key of '12345678') await page.keyboard.press(key);
  await page.keyboard.press('2');
  await button(page, 'Disable zai').click();
  await button(page, 'Confirm').click();
  await status(page, 'Done').waitFor();
  assert.deepEqual(await page.evaluate(() => window.broken), []);
});
