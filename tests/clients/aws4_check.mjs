// Recomputes the signature of a request as it arrived, from the secret alone, as the cloud does:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html

import { createHash, createHmac } from 'node:crypto';

const sha256 = (bytes) => createHash('sha256').update(bytes).digest('hex');
const hmac = (key, text) => createHmac('sha256', key).update(text).digest();

// RFC 3986: also what encodeURIComponent leaves alone.
const inHex = (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`;
const encode = (text) => encodeURIComponent(text).replace(/[!'()*]/g, inHex);

const compare = (a, b) => (a < b ? -1 : a > b ? 1 : 0);

function canonicalQuery(query) {
  const fields = [...new URLSearchParams(query)].map((field) => field.map(encode));
  fields.sort((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]));
  return fields.map(([name, value]) => `${name}=${value}`).join('&');
}

/** The parts of an `Authorization: AWS4-HMAC-SHA256 …`, or null. */
export function readAuthorization(value = '') {
  const form =
    /^AWS4-HMAC-SHA256 Credential=([^,]+), ?SignedHeaders=([^,]+), ?Signature=([0-9a-f]{64})$/;
  const found = form.exec(value);
  if (!found) return null;
  const [accessKeyId, date, region, service, end] = found[1].split('/');
  const signed = found[2].split(';');
  return { accessKeyId, date, region, service, end, signed, signature: found[3] };
}

/** What is wrong with the signature of a request that a FakeProvider has kept; empty if nothing. */
export function wrongInSignature({ method, url, headers, body }, { accessKeyId, secretAccessKey }) {
  const auth = readAuthorization(headers.authorization);
  if (!auth) return `not signed: ${headers.authorization}`;
  if (auth.accessKeyId !== accessKeyId) return `signed by ${auth.accessKeyId}`;
  if (auth.end !== 'aws4_request') return `the scope ends with ${auth.end}`;
  const time = headers['x-amz-date'] ?? '';
  if (!/^\d{8}T\d{6}Z$/.test(time) || !time.startsWith(auth.date)) return `x-amz-date is ${time}`;
  const at = Date.parse(time.replace(/(....)(..)(..)T(..)(..)(..)Z/, '$1-$2-$3T$4:$5:$6Z'));
  if (Math.abs(Date.now() - at) > 300_000) return `signed at ${time}`;

  // What a cloud insists on: the host, the body's type, and all that is Amazon's own.
  const ofAmazon = Object.keys(headers).filter((name) => name.startsWith('x-amz-'));
  const must = ['host', 'content-type', ...ofAmazon];
  const unsigned = must.filter((name) => !auth.signed.includes(name));
  if (unsigned.length > 0) return `not signed: ${unsigned}`;
  const absent = auth.signed.filter((name) => headers[name] === undefined);
  if (absent.length > 0) return `signed and lost on the way: ${absent}`;
  const sorted = [...auth.signed].sort(compare);
  if (auth.signed.join() !== sorted.join()) return `unsorted: ${auth.signed}`;

  const bodyHash = sha256(body);
  if ((headers['x-amz-content-sha256'] ?? bodyHash) !== bodyHash) return 'the hash of another body';
  const [path, query = ''] = url.split('?');
  const canonical = [
    method,
    path.split('/').map(encode).join('/'),
    canonicalQuery(query),
    ...auth.signed.map((name) => `${name}:${headers[name].trim().replace(/ +/g, ' ')}`),
    '',
    auth.signed.join(';'),
    bodyHash,
  ].join('\n');
  const scope = [auth.date, auth.region, auth.service, auth.end];
  const toSign = ['AWS4-HMAC-SHA256', time, scope.join('/'), sha256(canonical)].join('\n');
  const key = scope.reduce(hmac, `AWS4${secretAccessKey}`);
  const expected = hmac(key, toSign).toString('hex');
  return expected === auth.signature ? '' : `the signature does not fit\n${canonical}`;
}
