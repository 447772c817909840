import { createHash } from 'node:crypto';

import { sha256 } from './fake_provider.mjs';

/**
 * A `fetch` for the SDK that keeps an exchange for each call: SHA-256 of the request body as given
 * to the network and of the answer's body as it came from there. `through`: the `fetch`
 * that does it.
 */
export function recordingFetch(through = fetch) {
  const exchanges = [];
  const recording = async (url, init) => {
    const exchange = {
      url: String(url),
      headers: new Headers(init.headers),
      requestSha256: sha256(init.body ?? ''),
      status: 0,
      responseHeaders: null,
    };
    exchanges.push(exchange);
    const response = await through(url, init);
    exchange.status = response.status;
    exchange.responseHeaders = response.headers;
    const hash = createHash('sha256');
    const hashing = new TransformStream({
      transform(chunk, controller) {
        hash.update(chunk);
        controller.enqueue(chunk);
      },
      flush() {
        exchange.responseSha256 = hash.digest('hex');
      },
    });
    const { status, statusText, headers } = response;
    return new Response(response.body?.pipeThrough(hashing), { status, statusText, headers });
  };
  return { fetch: recording, exchanges };
}
