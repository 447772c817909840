// Stands between a client and the relay, passes everything on as it comes, and remembers each
// exchange with the answer's body and SHA-256 of both bodies (transfer coding removed).

import { createHash } from 'node:crypto';
import { once } from 'node:events';
import http from 'node:http';
import https from 'node:https';

export class Tap {
  exchanges = [];
  #server;
  #scheme;
  #onward;
  #agent;

  /** `identity`: certificate and key; the tap speaks TLS then. It speaks as `target` does behind. */
  static async start(target, identity = null) {
    const tap = new Tap();
    const pass = (request, response) => tap.#pass(target, request, response);
    tap.#scheme = identity ? 'https' : 'http';
    tap.#server = identity ? https.createServer(identity, pass) : http.createServer(pass);
    tap.#onward = target.startsWith('https:') ? https : http;
    tap.#agent = new tap.#onward.Agent({ keepAlive: true });
    tap.#server.listen(0, '127.0.0.1');
    await once(tap.#server, 'listening');
    return tap;
  }

  get url() {
    return `${this.#scheme}://127.0.0.1:${this.#server.address().port}`;
  }

  get posts() {
    return this.exchanges.filter((exchange) => exchange.method === 'POST');
  }

  async stop() {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    this.#server.close();
    await once(this.#server, 'close');
  }

  #pass(target, request, response) {
    const requestHash = createHash('sha256');
    const responseHash = createHash('sha256');
    const exchange = {
      method: request.method,
      url: request.url,
      headers: request.headers,
      status: 0,
      responseHeaders: {},
      complete: false,
      answer: '',
    };
    // Resolves when the first of the answer's body has been passed on.
    let begin;
    exchange.begun = new Promise((resolve) => (begin = resolve));
    this.exchanges.push(exchange);
    const { hostname, port } = new URL(target);
    const onward = this.#onward.request({
      hostname,
      port,
      method: request.method,
      path: request.url,
      headers: request.rawHeaders,
      agent: this.#agent,
    });
    request.on('data', (chunk) => {
      requestHash.update(chunk);
      onward.write(chunk);
    });
    request.on('end', () => {
      exchange.requestSha256 = requestHash.digest('hex');
      onward.end();
    });
    request.on('error', () => onward.destroy());
    response.on('error', () => onward.destroy());
    response.on('close', () => {
      if (!response.writableFinished) onward.destroy();
    });
    onward.on('error', () => response.destroy());
    onward.on('response', (answer) => {
      exchange.status = answer.statusCode;
      exchange.responseHeaders = answer.headers;
      response.writeHead(answer.statusCode, answer.rawHeaders);
      response.flushHeaders();
      answer.on('data', (chunk) => {
        responseHash.update(chunk);
        exchange.answer += chunk;
        response.write(chunk, begin);
      });
      answer.on('error', () => response.destroy());
      answer.on('end', () => {
        exchange.complete = true;
        exchange.responseSha256 = responseHash.digest('hex');
        response.end();
      });
    });
  }
}
