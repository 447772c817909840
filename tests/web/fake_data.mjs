// What a relay in the middle of a working day would tell: messages of the management API, whole, as
// JSON has them. Stamps are relative to `now`, a Date.

export const nasty = '<img src=x onerror="window.hacked=1">';

export const stamp = (now, ms = 0) => new Date(now.getTime() + ms).toISOString();

export function usage(input, output, read = 0, write = 0) {
  return {
    input_tokens: input, output_tokens: output, cache_write_tokens: write, cache_read_tokens: read,
    cache_write_1h_tokens: 0, web_searches: 0,
  };
}

export const cost = (usd, unpriced = 0) => ({
  nano_usd: Math.round(usd * 1e9), unpriced_requests: unpriced, client_paid_nano_usd: 0,
});

export function totals(requests, failed, tokens, usd, unpriced = 0) {
  return {
    requests, failed, client_gone: 3, retried: Math.round(failed * 3.6), attempts: requests + failed,
    usage: tokens, cost: cost(usd, unpriced), partial: 0, without_usage: 0,
  };
}

/** A second's figures: waves, the same each time. */
export function sample(now, secondsAgo) {
  const wave = Math.sin(secondsAgo / 23) + 0.5 * Math.sin(secondsAgo / 7);
  return {
    time: stamp(now, -secondsAgo * 1000),
    requests: Math.max(0, Math.round(41 + 11 * wave + (secondsAgo % 3))),
    failed: secondsAgo > 100 && secondsAgo < 112 ? 2 : 0,
    input_tokens: Math.round(9000 + 2500 * wave),
    output_tokens: Math.round(1840 + 620 * wave + 40 * (secondsAgo % 5)),
    in_flight_max: Math.round(37 + 8 * Math.sin(secondsAgo / 31)),
  };
}

export function status(now, history = 300) {
  return {
    time: stamp(now), state: 'SERVER_STATE_SERVING', uptime_ms: 3 * 86400e3 + 4 * 3600e3,
    in_flight: 37, streaming: 31,
    rates: {
      requests_per_second: 41.2, failures_per_second: 0.2, input_tokens_per_second: 9120,
      output_tokens_per_second: 1840,
    },
    totals: totals(182040, 310, usage(9.1e6, 31e6, 402e6, 12e6), 421.8),
    today: totals(18204, 31, usage(4.1e6, 3.1e6, 32.1e6, 5e6), 42.18),
    first_byte: { count: 5100, p50_us: 640000, p90_us: 1210000, p99_us: 2100000 },
    total: { count: 5100, p50_us: 5200000, p90_us: 14100000, p99_us: 41000000 },
    history: Array.from({ length: history }, (_, i) => sample(now, history - i)),
    process: {
      rss_bytes: 22020096, cpu_ms: 6.1e6, client_connections: 52, upstream_idle_connections: 18,
      buffered_body_bytes: 3250000, loop_lag_max_us: 400, subscribers: 1, events_dropped: 0,
    },
    providers: { configured: 4, available: 2, broken: 1, limited: 0, disabled: 1 },
    config_generation: 2,
  };
}

export function info(now, role, name) {
  return {
    name: 'cc-relay', version: '0.3.0', api_revision: 1, start_time: stamp(now, -3 * 86400e3), pid: 4242,
    hostname: 'relay-1', workers: 2, listen_addresses: ['127.0.0.1:8787'],
    management_addresses: ['http://127.0.0.1:9091'], config_source: '/etc/cc-relay/relay.toml',
    config_load_time: stamp(now, -3600e3), config_generation: 2, features: ['ledger', 'clients'],
    caller: { name, role },
    ledger_path: '',
  };
}

export function provider(name, more) {
  return {
    name, type: 'anthropic', base_url: `https://${name}.example`, models: [], priority: 1, weight: 1,
    admin_state: 'ADMIN_STATE_ENABLED', admin_override: null, health: 'PROVIDER_HEALTH_OK',
    breaker: {
      state: 'BREAKER_STATE_CLOSED', failures: 0, failure_threshold: 5, half_open_in_ms: null, opened: 0,
    },
    in_flight: 0, in_flight_limit: 0, conversations: 0, first_byte_us: null,
    totals: totals(0, 0, usage(0, 0), 0), outcomes: [], failure_ratio: null, last_error: null, keys: [],
    identity: null, dialects: ['anthropic'], ...more,
  };
}

export function providers(now) {
  return [
    provider('anthropic', {
      base_url: 'https://api.anthropic.com', priority: 10, in_flight: 28, in_flight_limit: 50,
      conversations: 19, first_byte_us: 612000, failure_ratio: 0.001, keys: ['5f1c0a9e', 'a90b77d1'],
      totals: totals(16882, 12, usage(3.8e6, 3e6, 31e6, 5e6), 41.02),
      outcomes: [{ outcome: 'OUTCOME_SUCCESS', count: 16870 }, { outcome: 'OUTCOME_RATE_LIMITED', count: 12 }],
      last_error: {
        time: stamp(now, -341e3), outcome: 'OUTCOME_RATE_LIMITED', status: 429,
        message: 'key 5f1c0a9e set aside for 38 s', id: '1ee02',
      },
    }),
    provider('bedrock-eu', {
      type: 'bedrock', base_url: 'https://bedrock-runtime.eu-central-1.amazonaws.com', priority: 5,
      in_flight: 9, conversations: 6, first_byte_us: 803000, failure_ratio: 0,
      totals: totals(1204, 0, usage(0.3e6, 0.1e6, 1.1e6), 1.16),
      identity: { state: 'ready', source: 'profile default', expire_time: stamp(now, 3600e3), error: '' },
    }),
    provider('zai', {
      base_url: 'https://api.z.ai/api/anthropic', health: 'PROVIDER_HEALTH_OPEN', first_byte_us: 1200000,
      failure_ratio: 1, keys: ['01c4ff3e'], totals: totals(118, 19, usage(0, 0), 0, 118),
      breaker: {
        state: 'BREAKER_STATE_OPEN', failures: 5, failure_threshold: 5, half_open_in_ms: 21000, opened: 3,
      },
      last_error: {
        time: stamp(now, -17e3), outcome: 'OUTCOME_FAILED', status: 502,
        message: 'connection closed before the answer', id: '1f03c',
      },
    }),
    provider('ollama', {
      type: 'ollama', base_url: 'http://127.0.0.1:11434', admin_state: 'ADMIN_STATE_DISABLED',
      admin_override: {
        state: 'ADMIN_STATE_DISABLED', set_by: 'uid:1000', reason: 'maintenance',
        set_time: stamp(now, -1320e3), expire_time: stamp(now, 1080e3),
      },
    }),
  ];
}

export const budget = (kind, used, limit, more) => ({
  kind: `BUDGET_KIND_${kind}`, used, limit, provider_limit: null, provider_remaining: null,
  provider_reset_time: null, free_in_ms: 0, ...more,
});

export function key(fingerprint, provider, more) {
  return {
    fingerprint, name: '', providers: [provider], state: 'KEY_STATE_OK', admin_state: 'ADMIN_STATE_ENABLED',
    admin_override: null, cool_downs: [], refused_until: null, in_flight: 0, in_flight_limit: 0,
    budgets: [], plan_windows: [], totals: totals(0, 0, usage(0, 0), 0), last_error: null,
    last_used_time: null, ...more,
  };
}

export function keys(now) {
  return [
    key('5f1c0a9e', 'anthropic', {
      name: 'team-a', in_flight: 21, budgets: [budget('REQUESTS_PER_MINUTE', 31, 50), budget('INPUT_TOKENS_PER_MINUTE', 18200, 40000)],
      plan_windows: [{ name: '5h', utilization: 0.62, reset_time: stamp(now, 7200e3), status: 'allowed' }],
      totals: totals(11020, 5, usage(2e6, 2e6), 27.4), last_used_time: stamp(now, -500),
    }),
    key('a90b77d1', 'anthropic', {
      state: 'KEY_STATE_COOLING', in_flight: 7, cool_downs: [{ model: '', expire_time: stamp(now, 38e3) }],
      budgets: [budget('REQUESTS_PER_MINUTE', 50, 50), budget('INPUT_TOKENS_PER_MINUTE', 34100, 0, { provider_limit: 40000, provider_remaining: 5900 })],
      totals: totals(5862, 7, usage(1.8e6, 1e6), 13.62), last_used_time: stamp(now, -9000),
    }),
    key('01c4ff3e', 'zai', {
      state: 'KEY_STATE_REFUSED', refused_until: stamp(now, 240e3), totals: totals(118, 19, usage(0, 0), 0),
      last_used_time: stamp(now, -17e3),
    }),
  ];
}

export function client(name, more) {
  return {
    name, kind: 'CLIENT_KIND_CONFIGURED', in_flight: 0, budgets: [], totals: totals(0, 0, usage(0, 0), 0),
    today: totals(0, 0, usage(0, 0), 0), month: totals(0, 0, usage(0, 0), 0), allowed_models: [],
    allowed_providers: [], limited: 0, last_seen_time: null, ...more,
  };
}

export function clients(now) {
  return [
    client('alice', {
      in_flight: 4, budgets: [budget('NANO_USD_PER_DAY', 4.1e9, 10e9)], totals: totals(9204, 4, usage(1e6, 1e6), 31),
      today: totals(1204, 1, usage(1e6, 1e6), 4.1), month: totals(9204, 4, usage(1e6, 1e6), 31),
      last_seen_time: stamp(now, -200), allowed_models: ['claude-*'],
    }),
    client('subscription', {
      kind: 'CLIENT_KIND_SUBSCRIPTION', in_flight: 1, totals: totals(22, 0, usage(1e4, 1e4), 0),
      last_seen_time: stamp(now, -90e3),
    }),
  ];
}

export function request(now, id, more) {
  return {
    id, request_id: `req_${id}`, session: '7e1f03aa', client: 'alice', client_address: '127.0.0.1:51442',
    method: 'POST', path: '/v1/messages', model: 'claude-sonnet-5-5', model_sent: 'claude-sonnet-5-5',
    stream: true, state: 'REQUEST_STATE_STREAMING', provider: 'anthropic', key: '5f1c0a9e', attempt_count: 1,
    start_time: stamp(now, -12400), duration_us: 12400000, first_byte_us: 612000, request_bytes: 41000,
    response_bytes: 18000, usage: usage(1200, 812, 40100), cost: cost(0.031), status: 200,
    ending: 'ENDING_UNSPECIFIED', error: '', attempts: [], trace: [], traced: true, pings: 0, dialect: 'anthropic',
    ...more,
  };
}

export const attempt = (number, provider, more) => ({
  number, provider, key: '', model: 'claude-sonnet-5-5', outcome: 'OUTCOME_UNSPECIFIED', status: 0, detail: '',
  start_us: 100, connect_us: 0, first_byte_us: null, duration_us: null, dialect: 'anthropic', translated: '',
  ...more,
});

export function running(now) {
  return [
    request(now, '1f03a', {}),
    request(now, '1f03c', {
      model: 'claude-opus-5-5', model_sent: 'claude-opus-5-5', state: 'REQUEST_STATE_WAITING', attempt_count: 2,
      start_time: stamp(now, -800), duration_us: 800000, first_byte_us: null, response_bytes: 0, status: 0,
      usage: usage(0, 0), cost: cost(0),
      attempts: [
        attempt(1, 'zai', { key: '01c4ff3e', outcome: 'OUTCOME_FAILED', status: 502, duration_us: 41000, detail: 'connection closed' }),
        attempt(2, 'anthropic', {
          key: '5f1c0a9e', start_us: 41300, dialect: 'chat', translated: 'anthropic>chat',
        }),
      ],
      trace: [
        { at_us: 0, event: 'candidates', message: 'zai, anthropic, bedrock-eu (failover)', fields: {} },
        { at_us: 100, event: 'picked', message: 'zai, key 01c4ff3e: first by priority', fields: {} },
        { at_us: 41000, event: 'outcome', message: 'zai: failed, 502', fields: {} },
        { at_us: 41100, event: 'picked', message: 'anthropic, key 5f1c0a9e: home of this conversation', fields: {} },
      ],
    }),
  ];
}

export function recent(now) {
  const done = (id, ago, more) =>
    request(now, id, { state: 'REQUEST_STATE_ENDED', ending: 'ENDING_COMPLETE', start_time: stamp(now, -ago), ...more });
  return [
    done('1f039', 20e3, { duration_us: 5210000, model: 'claude-haiku-5-5', model_sent: 'eu.anthropic.claude-haiku-5-5-v1:0', provider: 'bedrock-eu', key: '' }),
    done('1f038', 24e3, { duration_us: 41000, status: 502, provider: 'zai', key: '01c4ff3e', ending: 'ENDING_COMPLETE', error: 'zai: connection closed before the answer', usage: usage(0, 0), cost: cost(0) }),
    done('1f037', 31e3, { ending: 'ENDING_CLIENT_GONE', client: 'subscription' }),
  ];
}

export function usageRows(by, now) {
  const names = {
    MODEL: ['claude-opus-5-5', 'claude-sonnet-5-5', 'claude-haiku-5-5'], PROVIDER: ['anthropic', 'bedrock-eu', 'zai'],
    CLIENT: ['alice', 'subscription', ''], KEY: ['5f1c0a9e', 'a90b77d1', ''],
  }[by];
  const row = (i) => totals(9000 - 3900 * i, 20 - 9 * i, usage(2.1e6 / (i + 1), 1.9e6 / (i + 1), 21e6, 3e6), 27.4 / (i + 1) ** 2);
  if (names) return names.map((name, i) => ({ start_time: null, group: [name], totals: row(i) }));
  return [2, 1, 0].map((ago) => ({ start_time: stamp(now, -ago * 86400e3), group: [], totals: row(ago) }));
}

export const settings = [
  ['server.listen', '"127.0.0.1:8787"', 'FILE', 2, true],
  ['server.timeout_ms', '600000', 'DEFAULT', 0, false],
  ['server.client_key', '"***"', 'ENVIRONMENT', 0, false],
  ['providers.anthropic.priority', '10', 'FILE', 12, false],
].map(([path, value, origin, line, needs_restart]) => ({ path, value, origin: `SETTING_ORIGIN_${origin}`, line, needs_restart }));

export const line = (now, level, event, message, more) => ({
  line: { time: stamp(now), level: `LOG_LEVEL_${level}`, event, message, id: '', request_id: '', fields: {}, ...more },
});

export function log(now) {
  return [
    line(now, 'INFO', 'listening', '127.0.0.1:8787', { fields: { workers: '2' } }),
    line(now, 'WARN', 'breaker', 'zai is left out for 30 s: 5 failures in a row'),
    line(now, 'INFO', 'request', '200 anthropic claude-sonnet-5-5 1.2 s', { id: '1f039', request_id: 'req_1f039' }),
    line(now, 'INFO', 'managed', 'uid:1000 disabled provider ollama: maintenance'),
  ];
}
