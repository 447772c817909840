import { once } from 'node:events';
import http2 from 'node:http2';
import { Readable } from 'node:stream';

/** A client of one HTTP/2 connection, with a `fetch` for the SDK. */
export class Http2Client {
  #session;

  /** With an `http:` URL it needs no upgrade: it knows that the other side speaks HTTP/2. */
  constructor(url, options = {}) {
    this.#session = http2.connect(url, options);
    // Each request fails by itself.
    this.#session.on('error', () => {});
  }

  fetch = async (target, { method = 'GET', headers, body, signal }) => {
    const { pathname, search } = new URL(target);
    const stream = this.#session.request({
      ...Object.fromEntries(new Headers(headers)),
      ':method': method,
      ':path': pathname + search,
    }, { signal });
    stream.on('error', () => {});
    stream.end(body ?? undefined);
    const [head] = await once(stream, 'response', { signal });
    const answer = new Headers();
    for (const [name, value] of Object.entries(head)) {
      if (!name.startsWith(':')) answer.set(name, value);
    }
    return new Response(Readable.toWeb(stream), { status: head[':status'], headers: answer });
  };

  async close() {
    if (this.#session.destroyed) return;
    const closed = once(this.#session, 'close');
    this.#session.destroy();
    await closed;
  }
}
