// A provider on a loopback port that gives scripted answers and remembers what it was asked and
// what it sent, as SHA-256 of the bytes. A request nobody scripted an answer for gets a 500 and is
// kept in `unscripted`, so that a surprise retry shows as such.

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';

export const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');

export class FakeProvider {
  requests = [];
  unscripted = [];
  #script = [];
  #fallback = null;
  #server;

  static async start() {
    const fake = new FakeProvider();
    fake.#server = http.createServer((request, response) => fake.#serve(request, response));
    fake.#server.listen(0, '127.0.0.1');
    await once(fake.#server, 'listening');
    return fake;
  }

  get url() {
    return `http://127.0.0.1:${this.#server.address().port}`;
  }

  /** One answer for each of the next requests, in order. */
  answer(...answers) {
    this.#script.push(...answers);
    return this;
  }

  /** The answer once the script has run out. */
  always(answer) {
    this.#fallback = answer;
    return this;
  }

  get posts() {
    return this.requests.filter((request) => request.method === 'POST');
  }

  async stop() {
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  async #serve(request, response) {
    const record = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      socket: request.socket,
      sentHash: createHash('sha256'),
      /** SHA-256 of the answer's body as written so far. */
      get sentSha256() {
        return this.sentHash.copy().digest('hex');
      },
      /** Resolves when the exchange is over, to whether all of the answer went out. */
      closed: new Promise((resolve) => {
        response.on('close', () => resolve({ complete: response.writableFinished }));
      }),
    };
    response.on('error', () => {});
    const chunks = [];
    try {
      for await (const chunk of request) chunks.push(chunk);
    } catch {
      return;  // the other side left before its request was complete
    }
    record.body = Buffer.concat(chunks);
    record.bodySha256 = sha256(record.body);
    this.requests.push(record);
    if (request.method === 'HEAD') {
      response.writeHead(200).end();
      return;
    }
    let answer = this.#script.shift() ?? this.#fallback;
    if (!answer) {
      this.unscripted.push(record);
      answer = failure(500, 'api_error', 'the fake provider has no answer left');
    }
    try {
      await answer(record, response);
    } catch (error) {
      this.unscripted.push({ ...record, error });
      response.destroy();
    }
  }
}

let lastId = 0;
const requestId = () => `req_fake_${String(++lastId).padStart(6, '0')}`;

/** A JSON answer. */
export const json = (status, value, headers = {}) => (record, response) => {
  const body = Buffer.from(JSON.stringify(value));
  record.sentHash.update(body);
  response.writeHead(status, {
    'content-type': 'application/json',
    'content-length': body.length,
    'request-id': requestId(),
    ...headers,
  });
  response.end(body);
};

export const envelope = (type, message) => ({
  type: 'error',
  error: { type, message },
  request_id: 'req_fake_error',
});

/** An error in Anthropic's envelope. */
export const failure = (status, type, message, headers = {}) =>
  json(status, envelope(type, message), headers);

/** The connection is reset before an answer begins. */
export const reset = () => (record, response) => response.socket.resetAndDestroy();

/**
 * A stream of the given events. `pieceBytes` cuts it into writes of that size, which fall inside
 * lines and UTF-8 sequences. `ending`: 'end' ends it cleanly; 'hold' keeps it open and silent;
 * a promise: waits for it and then resets the connection. `held`: before that piece (0: before any,
 * with the head sent) it is silent until `until()` is done.
 */
export const sse = (events, options = {}) => async (record, response) => {
  const { pieceBytes = 0, ending = 'end', held = -1, until } = options;
  response.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-cache',
    'request-id': requestId(),
  });
  if (held === 0) response.flushHeaders();
  let number = 0;
  for (const piece of pieces(events, pieceBytes)) {
    if (number++ === held) await until();
    if (response.destroyed) return;
    record.sentHash.update(piece);
    await new Promise((resolve) => response.write(piece, resolve));
  }
  if (ending === 'end') response.end();
  if (ending instanceof Promise) {
    await ending;
    response.socket?.resetAndDestroy();
  }
};

function* pieces(events, pieceBytes) {
  if (pieceBytes === 0) {
    for (const event of events) yield Buffer.from(event);
    return;
  }
  const all = Buffer.from(events.join(''));
  for (let at = 0; at < all.length; at += pieceBytes) yield all.subarray(at, at + pieceBytes);
}
