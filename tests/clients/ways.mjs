// The ways by which a client can reach the relay: HTTP/1.1 and HTTP/2, each in clear and over TLS.

import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { providerStatus } from './harness.mjs';
import { Http2Client } from './http2_client.mjs';

const certificates = new URL('../data/tls/', import.meta.url);
/** The authority that signed the relay's certificate. */
export const caFile = fileURLToPath(new URL('ca.pem', certificates));
const ca = await readFile(caFile);

/** What the relay shows, for a tap that has to look like it: it names localhost and 127.0.0.1. */
export const identity = {
  cert: await readFile(new URL('server.pem', certificates)),
  key: await readFile(new URL('server.key', certificates)),
};

/**
 * `open(scene, url)`: the options that make an SDK go this way, with `fetch` among them. `spoken`:
 * throws if the relay, having counted, has not been spoken to in this way.
 */
export const plain = { name: 'SDK', tls: false, open: () => ({ fetch }), spoken: () => {} };

/** Node trusts the test authority by NODE_EXTRA_CA_CERTS, as a user would have it; see `run`. */
const tls = {
  name: 'SDK over TLS',
  tls: true,
  open: () => ({ fetch }),
  spoken({ tls: { handshakes, failures }, http2 }) {
    assert(handshakes > 0, 'no TLS was spoken');
    assert.equal(failures, 0);
    assert.equal(http2.connections, 0);
  },
};

/**
 * One connection of undici's, which takes HTTP/2 when the relay offers it by ALPN. One request at a
 * time: with more undici 6 loses count of them when they end in another order than they began.
 */
const http2OverTls = ({ Agent, fetch: undiciFetch }) => ({
  name: 'SDK over HTTP/2 and TLS',
  tls: true,
  open(scene) {
    const dispatcher = new Agent({
      allowH2: true,
      connections: 1,
      connect: { ca },
    });
    scene.atEnd(() => dispatcher.destroy());
    return { fetch: undiciFetch, fetchOptions: { dispatcher } };
  },
  spoken: spokenHttp2OverTls,
});

/** One connection of Node's own client of HTTP/2. In clear it begins with the preface. */
const nodeHttp2 = {
  open(scene, url) {
    const client = new Http2Client(url, { ca });
    scene.atEnd(() => client.close());
    return { fetch: client.fetch };
  },
};
const http2InClear = {
  ...nodeHttp2,
  name: 'SDK over HTTP/2 in clear',
  tls: false,
  spoken: spokenHttp2,
};
const nodeHttp2OverTls = {
  ...nodeHttp2,
  name: 'SDK over Node\'s HTTP/2 and TLS',
  tls: true,
  spoken: spokenHttp2OverTls,
};

function spokenHttp2OverTls(status) {
  assert(status.tls.handshakes > 0, 'no TLS was spoken');
  assert.equal(status.tls.failures, 0);
  spokenHttp2(status);
}

function spokenHttp2({ http2 }) {
  assert.equal(http2.connections, 1, 'not spoken on one connection of HTTP/2');
  assert(http2.streams > 0);
  assert.equal(http2.connection_errors + http2.stream_errors + http2.floods, 0);
}

export const allWays = (undici) => [plain, tls, http2OverTls(undici), http2InClear];
/** Those that can have many requests under way on one connection. */
export const concurrentWays = [http2InClear, nodeHttp2OverTls];

/** A relay in front of these providers that is reached in this way. */
export const relayFor = (way, scene, fakes, extra = []) =>
  scene.relay(fakes, extra, { tls: way.tls });

/** Checks that what was asked of the relay went this way. */
export const checkSpoken = async (way, url) => way.spoken(await providerStatus(url));
