// The management API as manage.md and the proto have it, with whatever a case wants it to tell. It
// serves the page's own files with the headers that lib/api/page.cpp gives them.

import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

import * as data from './fake_data.mjs';

const room = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../lib/api');
const files = { '/': ['index.html', 'text/html'], '/app.js': ['app.js', 'text/javascript'], '/app.css': ['app.css', 'text/css'] };

export const tokens = { operator: 'operator-token-0123456789', viewer: 'viewer-token-0123456789' };

/** The array `headers` of page.cpp: {"name", "value" "more of it"}. */
async function pageHeaders() {
  const source = await readFile(path.join(room, 'page.cpp'), 'utf8');
  const block = source.slice(source.indexOf('headers{{'), source.indexOf('}};'));
  return [...block.matchAll(/\{("[^{}]*")\}/gs)].map(([, pair]) => {
    const [name, value] = pair.split(/",\s*"/);
    return [name.slice(1), value.slice(0, -1).replace(/"\s*"/g, '')];
  });
}

export class FakeApi {
  static async start(now = new Date()) {
    const api = new FakeApi();
    api.setScene(now);
    api.headers = await pageHeaders();
    api.server = createServer((request, response) => {
      api.serve(request, response).catch((problem) => response.destroy(problem));
    });
    api.server.listen(0, '127.0.0.1');
    await once(api.server, 'listening');
    api.url = `http://127.0.0.1:${api.server.address().port}`;
    return api;
  }

  setScene(now) {
    Object.assign(this, {
      now, status: data.status(now), providers: data.providers(now), keys: data.keys(now), clients: data.clients(now),
      running: data.running(now), recent: data.recent(now), log: data.log(now), settings: data.settings,
      level: { level: 'LOG_LEVEL_INFO', configured_level: 'LOG_LEVEL_INFO', expire_time: null },
      started: data.stamp(now, -3 * 86400e3), reloadMistakes: [], away: false, ledger: true,
      asked: [], // {method, path, query, body, authorization}
      streams: new Map(), // response -> its path
    });
  }

  async close() {
    for (const response of this.streams.keys()) response.destroy();
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }

  /** As if the relay were gone: connections break, new ones too, until `away` is false again. */
  leave() {
    this.away = true;
    this.server.closeAllConnections();
  }

  posts() {
    return this.asked.filter(({ method }) => method === 'POST');
  }
  open(path) {
    return [...this.streams.values()].filter((each) => each === path).length;
  }

  /** To all that watch this path. */
  push(path, message) {
    for (const [response, each] of this.streams) {
      if (each === path) response.write(`data: ${JSON.stringify(message)}\n\n`);
    }
  }
  pushStatus() {
    this.status.time = new Date().toISOString();
    this.push('/status:watch', { status: { ...this.status, history: [data.sample(new Date(), 0)] } });
  }
  pushRequest(event) {
    this.push('/requests:watch', { sequence: 1, time: new Date().toISOString(), ...event });
  }

  async serve(request, response) {
    if (this.away) return request.destroy();
    const url = new URL(request.url, this.url);
    const file = files[url.pathname];
    if (file) {
      const headers = [...this.headers, ['Content-Type', `${file[1]}; charset=utf-8`]];
      response.writeHead(200, headers.flat());
      return response.end(await readFile(path.join(room, 'page', file[0])));
    }
    if (!url.pathname.startsWith('/api/v1/')) return fail(response, 404, 'NOT_FOUND', 'no such page');
    let body = '';
    for await (const part of request) body += part;
    const { authorization } = request.headers;
    const call = {
      method: request.method, path: url.pathname.slice(7), query: url.searchParams, authorization,
      body: body ? JSON.parse(body) : null, type: request.headers['content-type'], accept: request.headers.accept,
    };
    this.asked.push(call);
    const role = Object.keys(tokens).find((each) => authorization === `Bearer ${tokens[each]}`);
    if (!role || this.revoked) return fail(response, 401, 'UNAUTHENTICATED', 'This takes a token of the relay.');
    if (call.method === 'POST') {
      if (call.type !== 'application/json') return fail(response, 415, 'INVALID_ARGUMENT', 'send application/json');
      if (role === 'viewer' && call.path !== '/config:validate') {
        return fail(response, 403, 'PERMISSION_DENIED', 'This takes an operator.');
      }
      return this.act(call, response);
    }
    if (call.path.endsWith(':watch')) return this.watch(call, response);
    return this.look(call, response, role);
  }

  watch(call, response) {
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
    this.streams.set(response, call.path);
    response.on('close', () => this.streams.delete(response));
    const tell = (message) => response.write(`data: ${JSON.stringify(message)}\n\n`);
    const event = (what) => tell({ sequence: 0, time: this.now.toISOString(), ...what });
    response.write(': \n\n');
    if (call.path === '/status:watch') tell({ status: this.status });
    else if (call.path === '/requests:watch') {
      for (const existing of this.running) event({ existing: { ...existing, attempts: [], trace: [] } });
      event({ synced: { existing: this.running.length } });
    } else for (const each of this.log) tell(each);
  }

  look(call, response, role) {
    const [, what, id] = call.path.split('/').map(decodeURIComponent);
    const list = (name, items) => {
      const from = Number(call.query.get('page_token') || 0);
      const size = this.pageSize ?? 1000;
      const next = from + size < items.length ? String(from + size) : '';
      send(response, { [name]: items.slice(from, from + size), next_page_token: next });
    };
    if (what === 'info') {
      const info = data.info(this.now, `ROLE_${role.toUpperCase()}`, `token:${role}`);
      return send(response, { info: { ...info, start_time: this.started } });
    }
    if (what === 'status') return send(response, { status: this.status });
    if (what === 'providers') return list('providers', this.providers);
    if (what === 'keys') return list('keys', this.keys);
    if (what === 'clients') return list('clients', this.clients);
    if (what === 'requests' && id) {
      const request = [...this.running, ...this.recent].find((each) => each.id === id);
      return request ? send(response, { request }) : fail(response, 404, 'NOT_FOUND', `no request ${id}`);
    }
    if (what === 'requests') return list('requests', call.query.get('ended') === 'true' ? this.recent : this.running);
    if (what === 'usage:query') return this.usage(call, response);
    if (what === 'config') {
      const toml = '[server]\nlisten = "127.0.0.1:8787"\nclient_key = "***"\n';
      const source = '/etc/cc-relay/relay.toml';
      return send(response, { toml, settings: this.settings, source, generation: this.status.config_generation, load_time: this.started });
    }
    if (what === 'log-level') return send(response, this.level);
    return fail(response, 404, 'NOT_FOUND', `no ${call.path}`);
  }

  usage(call, response) {
    if (this.heldUsage) return void this.heldUsage.push(() => this.tellUsage(call, response));
    return this.tellUsage(call, response);
  }

  tellUsage(call, response) {
    if (!this.ledger) return fail(response, 409, 'FAILED_PRECONDITION', 'There is no ledger: ledger.enabled = false.');
    const rows = data.usageRows((call.query.get('group_by') ?? '').replace('USAGE_DIMENSION_', ''), this.now);
    if (call.accept === 'text/csv') {
      response.writeHead(200, { 'content-type': 'text/csv; charset=utf-8' });
      return response.end(`group,nano_usd\r\n${rows.map((row) => `${row.group[0] ?? row.start_time},${row.totals.cost.nano_usd}`).join('\r\n')}\r\n`);
    }
    return send(response, { rows, total: this.status.today, next_page_token: '', ledger_start_time: this.started, pending: 0 });
  }

  act(call, response) {
    const [, what, rest = ''] = call.path.split('/');
    const [id, verb] = rest.split(':').map(decodeURIComponent);
    if (what === 'providers') {
      const provider = this.providers.find(({ name }) => name === id);
      if (!provider) return fail(response, 404, 'NOT_FOUND', `no provider ${id}`);
      const changed = this.setProvider(provider, verb, call.body);
      const warnings = verb === 'disable' && !this.providers.some(isOn) ? ['No provider is left.'] : [];
      return send(response, { provider, changed, warnings });
    }
    if (what === 'keys') {
      const key = this.keys.find(({ fingerprint }) => fingerprint === id);
      if (verb === 'reset') Object.assign(key, { state: 'KEY_STATE_OK', cool_downs: [], refused_until: null });
      else key.admin_state = verb === 'disable' ? 'ADMIN_STATE_DISABLED' : 'ADMIN_STATE_ENABLED';
      return send(response, { key, changed: true, warnings: [] });
    }
    if (what === 'requests') {
      const request = this.running.find((each) => each.id === id);
      if (!request) return fail(response, 404, 'NOT_FOUND', `no request ${id} runs`);
      Object.assign(request, { state: 'REQUEST_STATE_ENDED', ending: 'ENDING_OPERATOR', status: 500 });
      this.running = this.running.filter((each) => each !== request);
      this.recent.unshift(request);
      this.pushRequest({ ended: request });
      return send(response, { request, changed: true });
    }
    if (call.path === '/config:validate') {
      const bad = call.body.toml.includes('lisen');
      const diagnostics = bad ? [{ severity: 'SEVERITY_ERROR', file: '', line: 2, column: 1, path: 'server.lisen', message: 'unknown; "listen" is meant?' }] : [];
      const changes = bad ? [] : [{ path: 'server.timeout_ms', old_value: '600000', new_value: '300000', needs_restart: false }];
      return send(response, { valid: !bad, diagnostics, changes });
    }
    if (call.path === '/config:reload') {
      if (this.reloadMistakes.length > 0) {
        const error = { code: 'FAILED_PRECONDITION', message: 'the file has mistakes', diagnostics: this.reloadMistakes };
        return send(response, { error }, 409);
      }
      this.status.config_generation += 1;
      const changes = [{ path: 'providers.anthropic.priority', old_value: '10', new_value: '11', needs_restart: false }];
      return send(response, { generation: this.status.config_generation, changes, diagnostics: [] });
    }
    if (call.path === '/log-level') {
      this.level.level = call.body.level;
      return send(response, { level: this.level.level, changed: true });
    }
    return fail(response, 404, 'NOT_FOUND', `no ${call.path}`);
  }

  setProvider(provider, verb, body) {
    const before = provider.admin_state;
    const override = (state) => {
      provider.admin_state = state;
      provider.admin_override = { state, set_by: 'token:operator', reason: body.reason ?? '', set_time: new Date().toISOString(), expire_time: null };
    };
    if (verb === 'disable') override('ADMIN_STATE_DISABLED');
    else if (verb === 'drain') override('ADMIN_STATE_DRAINING');
    else if (verb === 'enable') Object.assign(provider, { admin_state: 'ADMIN_STATE_ENABLED', admin_override: null });
    else {
      provider.health = 'PROVIDER_HEALTH_OK';
      provider.breaker = { ...provider.breaker, state: 'BREAKER_STATE_CLOSED', failures: 0 };
      return true;
    }
    return before !== provider.admin_state;
  }
}

const isOn = ({ admin_state }) => admin_state === 'ADMIN_STATE_ENABLED';

function send(response, message, status = 200) {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(message));
}
const fail = (response, status, code, message) => send(response, { error: { code, message } }, status);
