// Runs cases, three at a time, in one Chromium. A case gets a `scene`: a fake of the API, and pages
// that watch over themselves: whatever the browser complains of fails the case, and so does a request
// to anywhere but the relay.

import assert from 'node:assert/strict';

import { FakeApi, tokens } from './fake_api.mjs';

const cases = [];
const lanes = 3;
// Guards against hanging alone, on a machine that is busy.
const patience = Number(process.env.PATIENCE || 180) * 1000;

/** `relay`: the case needs the program itself. */
export function test(name, body, { relay = false } = {}) {
  cases.push({ name, body, relay });
}

export async function runAll(chromium, relayPath) {
  const only = process.env.ONLY;
  const count = { passed: 0, failed: 0, skipped: 0 };
  const left = cases.filter(({ name }) => !only || name.includes(only)).reverse();
  const lane = async () => {
    while (left.length > 0) await next(left.pop());
  };
  const next = async ({ name, body, relay }) => {
    if (relay && !relayPath) {
      ++count.skipped;
      console.log(`skipped - ${name}`);
      return;
    }
    const begun = Date.now();
    const problem = await runOne(chromium, relayPath, body);
    const took = `${((Date.now() - begun) / 1000).toFixed(1)} s`;
    ++count[problem ? 'failed' : 'passed'];
    console.log(problem ? `not ok - ${name} (${took}): ${problem}` : `ok - ${name} (${took})`);
  };
  // They wait more than they compute.
  await Promise.all(Array.from({ length: lanes }, lane));
  const { passed, failed, skipped } = count;
  console.log(`web: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0;
}

async function runOne(chromium, relayPath, body) {
  const scene = new Scene(chromium, relayPath);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error('it came to no end')), patience);
  });
  let problem = null;
  try {
    await Promise.race([body(scene), late]);
    scene.checkComplaints();
  } catch (thrown) {
    problem = [thrown?.stack ?? String(thrown), ...scene.complaints].join('\n    ');
  }
  clearTimeout(timer);
  await scene.close();
  return problem;
}

class Scene {
  constructor(chromium, relayPath) {
    this.chromium = chromium;
    this.relayPath = relayPath;
    this.complaints = [];
    this.ends = []; // what is to be done at the end, last first
  }

  atEnd(action) {
    this.ends.push(action);
  }
  async close() {
    for (const action of this.ends.reverse()) await Promise.resolve(action()).catch(() => {});
  }

  async fake() {
    const api = await FakeApi.start();
    this.atEnd(() => api.close());
    return api;
  }

  /** What the browser said that no case expects. */
  checkComplaints() {
    assert.deepEqual(this.complaints, []);
  }
  /** Complaints that have to be: such as that of a 401, which the browser reports itself. */
  expectComplaint(pattern) {
    const left = this.complaints.filter((each) => !pattern.test(each));
    assert.notEqual(left.length, this.complaints.length, `no complaint ${pattern}`);
    this.complaints = left;
  }

  /** A page in a browser of its own, still empty. */
  async page(origin, { width = 1200, height = 800, scheme = 'light', ...more } = {}) {
    const context = await this.chromium.newContext({
      viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', ...more,
    });
    this.atEnd(() => context.close());
    context.setDefaultTimeout(patience);
    const page = await context.newPage();
    page.on('console', (message) => {
      if (['error', 'warning'].includes(message.type())) this.complaints.push(`console: ${message.text()}`);
    });
    page.on('pageerror', (error) => this.complaints.push(`page: ${error}`));
    context.on('request', (request) => {
      const url = request.url();
      if (!url.startsWith(origin) && !/^(data|blob):/.test(url)) this.complaints.push(`request to ${url}`);
    });
    return page;
  }

  /** Signed in, with that section before it. */
  async open(api, { section = 'overview', role = 'operator', init, ...options } = {}) {
    const page = await this.page(api.url, options);
    if (init) await page.addInitScript(init);
    await page.goto(`${api.url}/#${section}`);
    await page.evaluate((token) => sessionStorage.setItem('cc-relay-token', token), tokens[role]);
    await page.reload();
    await page.getByRole('status').filter({ hasText: 'live' }).waitFor();
    await page.getByRole('heading', { name: titleOf(section), level: 2 }).waitFor();
    return page;
  }
}

export const sections = ['overview', 'providers', 'keys', 'clients', 'requests', 'usage', 'config', 'log'];
export const titleOf = (section) => section[0].toUpperCase() + section.slice(1);

export const tableOf = (page, name) => page.getByRole('table', { name, exact: true });
/** The rows of a table behind its head. */
export const rowsOf = (page, name) => tableOf(page, name).locator('tbody tr');
export const rowOf = (page, name, text) => rowsOf(page, name).filter({ hasText: text }).first();
export const button = (page, name) => page.getByRole('button', { name, exact: true });
export const status = (page, text) => page.getByRole('status').filter({ hasText: text });

/** Until it holds; it is asked again and again. */
export async function until(what, holds) {
  for (const begun = Date.now(); Date.now() - begun < patience; ) {
    if (await holds()) return;
    await new Promise((done) => setTimeout(done, 20));
  }
  throw new Error(`it never came to be that ${what}`);
}
