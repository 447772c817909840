import assert from 'node:assert/strict';

import * as data from './fake_data.mjs';
import { button, rowOf, rowsOf, status, test, until } from './harness.mjs';

/** The page believes to be hidden while window.hiddenNow is true; its timers are counted. */
const canHide = () => {
  const { setTimeout, clearTimeout } = window;
  window.timers = new Set();
  window.setTimeout = (action, ms, ...more) => {
    const timer = setTimeout(() => {
      window.timers.delete(timer);
      action(...more);
    }, ms);
    window.timers.add(timer);
    return timer;
  };
  window.clearTimeout = (timer) => {
    window.timers.delete(timer);
    clearTimeout(timer);
  };
  window.hiddenNow = false;
  Object.defineProperty(Document.prototype, 'hidden', { get: () => window.hiddenNow });
  Object.defineProperty(Document.prototype, 'visibilityState', { get: () => (window.hiddenNow ? 'hidden' : 'visible') });
};
const hide = (page, hidden) =>
  page.evaluate((now) => {
    window.hiddenNow = now;
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);

/** Waits of a second and more are told of and over at once. */
const quickWaits = () => {
  window.waits = [];
  const { setTimeout } = window;
  window.setTimeout = (action, ms, ...more) => {
    // Above: the alarm for a stream that is silent, what was said.
    if (ms < 1000 || ms > 15000) return setTimeout(action, ms, ...more);
    window.waits.push(ms);
    return setTimeout(action, 1, ...more);
  };
};

test('figures follow the stream of the status', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  api.status.in_flight = 4711;
  api.status.state = 'SERVER_STATE_DRAINING';
  api.providers[0].in_flight = 4700;
  await until('the list was asked again', async () => {
    api.pushStatus();
    return (await rowOf(page, 'Overview', '4\u202f700').count()) === 1;
  });
  await page.getByRole('region', { name: 'In flight' }).getByText('4\u202f711').waitFor();
  await page.getByRole('banner').getByText('DRAINING').waitFor();
  assert.equal(api.open('/status:watch'), 1);
});

test('requests come, change and end as they are told of', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  await until('all show', async () => (await rowsOf(page, 'Requests').count()) === 5);
  const row = rowOf(page, 'Requests', '2a001');
  api.pushRequest({ started: data.request(new Date(), '2a001', { state: 'REQUEST_STATE_READING', provider: '', model: '', usage: data.usage(0, 0), start_time: new Date().toISOString() }) });
  await row.getByText('READING').waitFor();
  assert.ok((await rowsOf(page, 'Requests').first().textContent()).includes('2a001')); // newest first
  api.pushRequest({ attempt_started: { id: '2a001', attempt: data.attempt(2, 'bedrock-eu') } });
  await row.getByText('WAITING').waitFor();
  await row.getByText('attempt 2').waitFor();
  api.pushRequest({ first_byte: { id: '2a001', provider: 'bedrock-eu', status: 200, first_byte_us: 512000 } });
  await row.getByText('STREAMING').waitFor();
  await row.getByText('512 ms').waitFor();
  api.pushRequest({ progress: { id: '2a001', state: 'REQUEST_STATE_STREAMING', response_bytes: 5000, usage: data.usage(10, 777), duration_us: 9 } });
  await row.getByText('10 / 777').waitFor();
  api.pushRequest({ ended: data.request(api.now, '2a001', { state: 'REQUEST_STATE_ENDED', ending: 'ENDING_COMPLETE', status: 200 }) });
  await row.getByText('DONE 200').waitFor();
  await button(page, 'Cancel request 2a001').waitFor({ state: 'detached' });

  await page.getByLabel('Running only').check();
  await until('two run', async () => (await rowsOf(page, 'Requests').count()) === 2);
  await page.getByLabel('Running only').uncheck();
  await page.getByLabel('Trouble only').check();
  await until('troubled ones show', async () => (await rowsOf(page, 'Requests').count()) === 2);
  assert.deepEqual((await rowsOf(page, 'Requests').locator('button.name').allTextContents()), ['1f03c', '1f038']);
});

test('events that the relay had to drop are told of', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  api.pushRequest({ lost: { events: 12, ended: 3, started: 2 } });
  await page.getByText('12 events lost').waitFor();
  await page.getByRole('link', { name: 'Log' }).click();
  await rowOf(page, 'Log', 'listening').waitFor();
  api.push('/logs:watch', { lost: 7 });
  await rowOf(page, 'Log', '7 lines are missing here').waitFor();
  api.push('/logs:watch', data.line(new Date(), 'ERROR', 'fresh', 'a new line'));
  await rowOf(page, 'Log', 'a new line').waitFor();
  assert.ok((await rowsOf(page, 'Log').first().textContent()).includes('a new line'));
});

test('it paints at most four times a second, however much there is to tell', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests' });
  await page.evaluate(() => {
    window.paints = 0;
    window.begun = performance.now();
    new MutationObserver(() => ++window.paints).observe(document.body, { subtree: true, childList: true, characterData: true, attributes: true });
  });
  let id = 0;
  await until('it has painted a few times', async () => {
    for (let i = 0; i < 20; ++i) api.pushRequest({ started: data.request(new Date(), `3b${++id}`, { start_time: new Date().toISOString() }) });
    api.pushStatus();
    return (await page.evaluate(() => window.paints)) >= 8;
  });
  const [paints, seconds] = await page.evaluate(() => [window.paints, (performance.now() - window.begun) / 1000]);
  assert.ok(paints <= 4 * seconds + 2, `${paints} in ${seconds} s`);
  // And keeps no more of them than a page can hold.
  assert.ok((await rowsOf(page, 'Requests').count()) <= 500);
});

test('focus, selection and scroll place outlive what changes around them', async (scene) => {
  const api = await scene.fake();
  api.recent = Array.from({ length: 60 }, (_, i) => data.request(api.now, `e${i}`, { state: 'REQUEST_STATE_ENDED', ending: 'ENDING_COMPLETE', start_time: data.stamp(api.now, -60000 - i * 1000) }));
  const page = await scene.open(api, { section: 'requests' });
  await until('all show', async () => (await rowsOf(page, 'Requests').count()) === 62);
  const chosen = button(page, 'Details of request e40');
  await chosen.scrollIntoViewIfNeeded();
  await chosen.focus();
  const place = () => chosen.evaluate((node) => Math.round(node.getBoundingClientRect().top));
  const before = await place();
  for (let i = 0; i < 5; ++i) api.pushRequest({ started: data.request(new Date(), `new${i}`, { start_time: new Date().toISOString() }) });
  api.pushRequest({ ended: { ...api.running[0], state: 'REQUEST_STATE_ENDED', ending: 'ENDING_COMPLETE' } });
  await rowOf(page, 'Requests', 'new4').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Details of request e40');
  assert.ok(Math.abs((await place()) - before) <= 2, `${before} -> ${await place()}`);
  // Rows that change places do not take the focus along.
  await page.getByRole('columnheader', { name: 'Time' }).getByRole('button').click();
  await chosen.focus();
  api.pushRequest({ progress: { id: '1f03a', state: 'REQUEST_STATE_STREAMING', response_bytes: 9, usage: data.usage(1, 424242), duration_us: 1 } });
  await rowOf(page, 'Requests', '424k').waitFor();
  assert.equal(await page.evaluate(() => document.activeElement.ariaLabel), 'Details of request e40');
});

test('a lost connection is told of and tried again after 1, 2, 4, 8 and then 15 seconds', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { init: quickWaits });
  await rowOf(page, 'Overview', 'anthropic').waitFor();
  api.leave();
  await status(page, 'reconnecting, last seen').waitFor();
  await page.waitForFunction(() => window.waits.length >= 6);
  // What was known stays.
  assert.equal(await rowsOf(page, 'Overview').count(), 4);
  assert.deepEqual((await page.evaluate(() => window.waits)).slice(0, 6), [1000, 2000, 4000, 8000, 15000, 15000]);

  api.away = false;
  api.status.in_flight = 99;
  await status(page, 'live').waitFor();
  await page.getByRole('region', { name: 'In flight' }).getByText('99').waitFor();
  await until('it has one stream', () => api.open('/status:watch') === 1);
  // Once it was there again it begins with a second.
  const told = await page.evaluate(() => window.waits.length);
  api.leave();
  await page.waitForFunction((before) => window.waits.length > before, told);
  assert.equal(await page.evaluate((before) => window.waits[before], told), 1000);
  api.away = false;
  await status(page, 'live').waitFor();
  scene.expectComplaint(/ERR_|Failed to load/);
});

test('after a restart of the relay the page says so and forgets its requests', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests', init: quickWaits });
  await rowOf(page, 'Requests', '1f03a').waitFor();
  api.leave();
  await status(page, 'reconnecting').waitFor();
  Object.assign(api, { started: new Date().toISOString(), running: [], recent: [], away: false });
  await status(page, 'The relay has been restarted.').waitFor();
  await until('none is left', async () => (await rowsOf(page, 'Requests').count()) === 0);
  scene.expectComplaint(/ERR_|Failed to load/);
});

test('a hidden page asks for nothing and goes on when it is seen', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'requests', init: canHide });
  await until('both streams are open', () => api.open('/status:watch') === 1 && api.open('/requests:watch') === 1);
  await hide(page, true);
  await until('both are closed', () => api.streams.size === 0);
  // Nor is there anything that would make it ask again.
  await until('no timer is left', () => page.evaluate(() => window.timers.size === 0));
  const asked = api.asked.length;
  api.running.push(data.request(api.now, '4c001'));
  assert.deepEqual([api.streams.size, api.asked.length], [0, asked]);
  await hide(page, false);
  await rowOf(page, 'Requests', '4c001').waitFor();
  await status(page, 'live').waitFor();
});

test('a section that is left has no stream any more', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api, { section: 'log' });
  await until('its stream is open', () => api.open('/logs:watch') === 1);
  await page.getByRole('link', { name: 'Clients' }).click();
  await until('only the status is watched', () => api.streams.size === 1 && api.open('/status:watch') === 1);
});

test('pause stops what moves, and goes on', async (scene) => {
  const api = await scene.fake();
  const page = await scene.open(api);
  await button(page, 'Pause').click();
  await status(page, 'paused').waitFor();
  await until('nothing is watched', () => api.streams.size === 0);
  api.status.in_flight = 5;
  await page.keyboard.press('p');
  await status(page, 'live').waitFor();
  await page.getByRole('region', { name: 'In flight' }).getByText('5', { exact: true }).waitFor();
});
