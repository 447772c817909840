// Runs cases one after the other, beside those that only wait and beside further rows of those that
// wait as much as they compute, which also go one after the other in each. A case gets a `scene` that
// makes its fake providers, relays and taps and takes them down afterwards, also when the case failed
// or took too long.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import { FakeProvider } from './fake_provider.mjs';
import { Tap } from './tap.mjs';

/** What clients present to the relay. Must never be seen by a provider. */
export const relayKey = 'relay-key-8f2c1d7e-never-leaves-the-relay';
/** What the relay presents to providers. Must never be seen by a client. */
export const providerKey = 'provider-key-51b0a9c3';

/** Without a relay the clients talk to the fake provider: to check the cases themselves. */
export const direct = process.env.MODE === 'direct';

/** What a relay tells of its connections and providers. Asked over HTTP/1.1. */
export async function providerStatus(url) {
  const answer = await fetch(`${url}/v1/providers`, { headers: { 'x-api-key': relayKey } });
  assert.equal(answer.status, 200);
  return answer.json();
}

// A case that is not done by then hangs. Far above what any of them takes, because a machine may be
// slow; below the relay's own patience with a silent provider.
const secondsMax = 180;

const cases = [];
let isLeftOut = false;

/**
 * `throughRelay`: the case is about what the relay does and means nothing without it. `beside`: it
 * waits more than it computes; it begins before all others and is told of behind them. `row`: the
 * row it stands in, by a name; none: the first.
 */
export function test(name, body, options = {}) {
  const { throughRelay = false, skip = false, beside = false, row = '' } = options;
  cases.push({ name, body, beside, row, skip: skip || isLeftOut || (throughRelay && direct) });
}

/** Whatever cases `add` adds are counted as skipped. */
export async function leaveOut(add) {
  isLeftOut = true;
  await add();
  isLeftOut = false;
}

export async function runAll(relayPath) {
  const only = process.env.ONLY;
  const count = { passed: 0, failed: 0, skipped: 0 };
  const chosen = cases.filter(({ name }) => !only || name.includes(only));
  const run = ({ body }) => runOne(relayPath, body);
  const begun = new Map();
  for (const each of chosen) if (each.beside && !each.skip) begun.set(each, run(each));
  const rows = {};
  for (const each of chosen) {
    const { row } = each;
    if (!row || each.skip) continue;
    rows[row] = (rows[row] ?? Promise.resolve()).then(() => run(each));
    begun.set(each, rows[row]);
  }
  const inOrder = [...chosen.filter((each) => !begun.has(each)), ...begun.keys()];
  for (const each of inOrder) {
    const { name, skip } = each;
    if (skip) {
      ++count.skipped;
      console.log(`skipped - ${name}`);
      continue;
    }
    const problem = await (begun.get(each) ?? run(each));
    if (problem) {
      ++count.failed;
      console.log(`not ok - ${name}: ${problem}`);
    } else {
      ++count.passed;
      console.log(`ok - ${name}`);
    }
  }
  const { passed, failed, skipped } = count;
  console.log(`clients: ${passed} passed, ${failed} failed, ${skipped} skipped`);
  return failed === 0;
}

async function runOne(relayPath, body) {
  const scene = await Scene.make(relayPath);
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error(`not done after ${secondsMax} s`)), secondsMax * 1000);
  });
  let problem = null;
  try {
    await Promise.race([body(scene), late]);
    scene.checkProviders();
  } catch (error) {
    problem = await describe(error, scene);
  }
  clearTimeout(timer);
  try {
    await scene.end();
  } catch (error) {
    problem ??= error.message;
  }
  return problem;
}

async function describe(error, scene) {
  const lines = [error.stack ?? String(error)];
  for (const fake of scene.fakes) {
    for (const { method, url, error: cause } of fake.unscripted) {
      const why = cause ? `: ${cause.stack}` : '';
      lines.push(`provider was not prepared for ${method} ${url}${why}`);
    }
  }
  lines.push(...(await scene.relayOutput()));
  return lines.join('\n').replaceAll('\n', '\n    ');
}

class Scene {
  fakes = [];
  #relays = [];
  #taps = [];
  #cleanups = [];

  static async make(relayPath) {
    const scene = new Scene();
    scene.relayPath = relayPath;
    scene.directory = await mkdtemp(path.join(tmpdir(), 'cc-relay-clients-'));
    return scene;
  }

  async provider() {
    const fake = await FakeProvider.start();
    this.fakes.push(fake);
    return fake;
  }

  async tap(target, identity) {
    const tap = await Tap.start(target, identity);
    this.#taps.push(tap);
    return tap;
  }

  /** Called before everything else is taken down. */
  atEnd(cleanup) {
    this.#cleanups.push(cleanup);
  }

  /** A relay in front of these providers, the first one preferred. `extra`: TOML by provider. */
  async relay(fakes, extra = [], options = {}) {
    if (direct) return fakes[0].url;
    return this.relayTo(providers(fakes, extra), options);
  }

  /**
   * A relay to these `[[providers]]`. `env`: what it finds in its environment; `open`: it asks its
   * clients for no key; `tls`: it speaks TLS.
   */
  async relayTo(providersToml, { env = {}, open = false, tls = false } = {}) {
    return (await this.#start(config(providersToml, { open, tls }), env)).url;
  }

  /**
   * A relay that others may take the place of: where it listens, what stops it, what it said.
   * `place`: the address of one that stands there already or has stood there; `shutdown`: how long
   * it lets a stream go on after that, in milliseconds.
   */
  async replaceable(fakes, { place = '127.0.0.1:0', shutdown = 30_000 } = {}) {
    const toml = config(providers(fakes, []), { place, shutdown, shared: true });
    const relay = await this.#start(toml);
    return { ...relay, url: await relay.url };
  }

  async #start(toml, env = {}) {
    const file = path.join(this.directory, `relay-${this.#relays.length}.toml`);
    await writeFile(file, toml);
    const relay = startRelay(this.relayPath, file, { HOME: this.directory, ...env });
    this.#relays.push(relay);
    return relay;
  }

  checkProviders() {
    for (const fake of this.fakes) {
      assert.deepEqual(fake.unscripted.map(({ method, url }) => `${method} ${url}`), []);
      if (direct) continue;
      for (const { url, headers, body } of fake.requests) {
        const seen = `${url}\n${JSON.stringify(headers)}\n${body}`;
        assert(!seen.includes(relayKey), `the relay's own key went to a provider:\n${seen}`);
      }
    }
  }

  async relayOutput() {
    const lines = [];
    for (const relay of this.#relays) {
      lines.push(...relay.output().trim().split('\n').slice(-15).map((line) => `relay: ${line}`));
    }
    return lines;
  }

  async end() {
    for (const cleanup of this.#cleanups) await cleanup();
    for (const tap of this.#taps) await tap.stop();
    for (const fake of this.fakes) await fake.stop();
    const exits = [];
    for (const relay of this.#relays) exits.push(await relay.stop());
    await rm(this.directory, { recursive: true, force: true, maxRetries: 3 });
    for (const exit of exits) assert.equal(exit, 'exit 0', `the relay stopped with ${exit}`);
  }
}

function providers(fakes, extra) {
  return fakes.map((fake, index) => `
[[providers]]
name = "fake-${index + 1}"
type = "anthropic"
base_url = "${fake.url}"
priority = ${100 - index}
${extra[index] ?? ''}
[[providers.keys]]
key = "${index === 0 ? providerKey : `${providerKey}-${index + 1}`}"
`).join('');
}

const certificate = (name) => fileURLToPath(new URL(`../data/tls/${name}`, import.meta.url));

function config(providersToml, options) {
  const { open = false, tls = false, place = '127.0.0.1:0', shutdown = 2000, shared = false } =
    options;
  return `
[server]
listen = "${place}"
shutdown_timeout_ms = ${shutdown}
${shared ? 'reuse_port = true' : ''}
${open ? '' : `[server.auth]\napi_key = "${relayKey}"`}
${tls ? `[server.tls]
cert_file = "${certificate('server.pem')}"
key_file = "${certificate('server.key')}"` : ''}
[logging]
format = "json"
output = "stdout"
${providersToml}`;
}

function startRelay(executable, file, env) {
  const child = spawn(executable, ['serve', '--config', file], {
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = once(child, 'exit').then(([code, signal]) => signal ?? `exit ${code}`);
  exited.catch(() => {});
  const url = new Promise((resolve, reject) => {
    const take = (chunk) => {
      output += chunk;
      const found = /listening on (https?:\/\/[0-9.]+:\d+)/.exec(output);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', take);
    child.stderr.on('data', take);
    exited.then((how) => reject(new Error(`the relay did not start (${how})`)), reject);
  });
  return {
    /** A promise of where it listens. */
    url,
    output: () => output,
    /** Done when it has said that. */
    said: (words) => new Promise((resolve, reject) => {
      const look = () => {
        if (output.includes(words)) resolve();
      };
      child.stdout.on('data', look);
      look();
      exited.then((how) => reject(new Error(`${how} before it said ${words}`)), reject);
    }),
    /** Asks it to stop; how it ended. */
    async stop() {
      child.kill('SIGTERM');
      const last = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const how = await exited.catch((error) => error.message);
      clearTimeout(last);
      return how;
    },
  };
}
