// Claude Code's own figures (OpenTelemetry, `claude_code.token.usage`) against those of the relay's
// ledger, for the same session: two counts of one thing that know nothing of each other.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import http from 'node:http';
import { promisify } from 'node:util';

import { runClaude } from './claude_run.mjs';
import { json, sse } from './fake_provider.mjs';
import { relayKey, test } from './harness.mjs';
import { event, message, messageParts } from './messages.mjs';

/** Takes OTLP in JSON. `tokens(session)`: what was told of it, by type. */
async function collector(scene) {
  const sums = new Map();
  const seen = [];
  const server = http.createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request) body += chunk;
    seen.push(request.url);
    if (request.url === '/v1/metrics') take(JSON.parse(body));
    response.writeHead(200, { 'content-type': 'application/json' }).end('{}');
  });
  const take = ({ resourceMetrics }) => {
    const metrics = resourceMetrics.flatMap(({ scopeMetrics }) => scopeMetrics)
      .flatMap((scope) => scope.metrics);
    for (const { name, sum } of metrics) {
      if (name !== 'claude_code.token.usage') continue;
      assert.equal(sum.aggregationTemporality, 1, 'not what has come since the last time');
      for (const point of sum.dataPoints) {
        const said = Object.fromEntries(point.attributes.map((one) => [one.key, one.value.stringValue]));
        const key = `${said['session.id']} ${said.type}`;
        sums.set(key, (sums.get(key) ?? 0) + Number(point.asInt ?? point.asDouble));
      }
    }
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  scene.atEnd(() => server.close());
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    seen,
    tokens: (session) => {
      const of = (type) => sums.get(`${session} ${type}`) ?? 0;
      return {
        input: of('input'),
        output: of('output'),
        cacheRead: of('cacheRead'),
        cacheCreation: of('cacheCreation'),
      };
    },
  };
}

/** An answer with figures of its own, each other than any other's. */
function answer(content, figures) {
  const start = {
    input_tokens: figures.input,
    cache_creation_input_tokens: figures.fiveMinutes + figures.anHour,
    cache_creation: {
      ephemeral_5m_input_tokens: figures.fiveMinutes,
      ephemeral_1h_input_tokens: figures.anHour,
    },
    cache_read_input_tokens: figures.read,
    output_tokens: 1,
  };
  return (record, response) => {
    const { model, stream } = JSON.parse(record.body);
    if (!stream) {
      const whole = message(content, { model });
      const usage = { ...start, output_tokens: figures.output };
      return json(200, { ...whole, usage })(record, response);
    }
    const parts = messageParts(content, { model });
    for (const part of parts) {
      if (part.type === 'message_start') part.message.usage = start;
      if (part.type === 'message_delta') part.usage = { output_tokens: figures.output };
    }
    return sse(parts.map(event))(record, response);
  };
}

/** The ledger's rows by session, as soon as these have been written. */
async function usage(scene, sessions) {
  for (;;) {
    const { stdout } = await promisify(execFile)(
      scene.relayPath, ['usage', '--by', 'session', '--json'],
      { env: { PATH: process.env.PATH, HOME: scene.directory } });
    const rows = new Map(JSON.parse(stdout).rows.map((row) => [row.key.session, row]));
    if (sessions.every(({ id, requests }) => rows.get(id)?.requests >= requests)) return rows;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

export function claudeTelemetryCases(claude) {
  const options = { skip: claude === null, throughRelay: true };

  test('Claude Code: its own telemetry and the ledger agree, session by session', async (scene) => {
    const fake = await scene.provider();
    const url = await scene.relay([fake]);
    const receiver = await collector(scene);
    const sessions = [];
    for (const [n, note] of ['one', 'two'].entries()) {
      const tool = {
        type: 'tool_use',
        id: `toolu_fake_0${n}`,
        name: 'Bash',
        input: { command: `echo ${note}`, description: 'Say it' },
      };
      fake.answer(
        answer([tool], { input: 11 + n, output: 101, fiveMinutes: 1009, anHour: 503, read: 20011 }),
        answer([{ type: 'text', text: note }],
          { input: 17, output: 211 + n, fiveMinutes: 0, anHour: 0, read: 40009 }));
      const before = fake.posts.length;
      const got = await runClaude(claude, scene, `say ${note}`, {
        args: ['--allowedTools', 'Bash(echo:*)'],
        env: {
          ANTHROPIC_BASE_URL: url,
          ANTHROPIC_AUTH_TOKEN: relayKey,
          DISABLE_TELEMETRY: undefined,
          CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: undefined,
          CLAUDE_CODE_ENABLE_TELEMETRY: '1',
          OTEL_METRICS_EXPORTER: 'otlp',
          OTEL_EXPORTER_OTLP_PROTOCOL: 'http/json',
          OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
          OTEL_EXPORTER_OTLP_METRICS_TEMPORALITY_PREFERENCE: 'delta',
          OTEL_METRIC_EXPORT_INTERVAL: '500',
          OTEL_METRICS_INCLUDE_SESSION_ID: 'true',
        },
      });
      assert.equal(got.result, note);
      sessions.push({ id: got.session_id, requests: fake.posts.length - before });
    }
    assert.notEqual(sessions[0].id, sessions[1].id);
    const rows = await usage(scene, sessions);
    for (const { id } of sessions) {
      const { tokens } = rows.get(id);
      assert.deepEqual(receiver.tokens(id), {
        input: tokens.input,
        output: tokens.output,
        cacheRead: tokens.cache_read,
        cacheCreation: tokens.cache_write_5m + tokens.cache_write_1h,
      }, `${id}: ${receiver.seen}`);
      assert.equal(tokens.cache_read, 20011 + 40009);
    }
  }, options);
}
