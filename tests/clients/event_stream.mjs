// Amazon's event stream encoding (application/vnd.amazon.eventstream), written out from its
// description: total length, length of the headers, CRC-32 of both; headers; payload; CRC-32 of
// everything before it. https://docs.aws.amazon.com/transcribe/latest/dg/event-stream.html

export const eventStreamType = 'application/vnd.amazon.eventstream';

const table = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; ++bit) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export function crc32(bytes) {
  let crc = 0xffffffff;
  for (const byte of bytes) crc = table[(crc ^ byte) & 255] ^ (crc >>> 8);
  return (crc ^ 0xffffffff) >>> 0;
}

const typeOfString = 7;

function header(name, value) {
  const begin = Buffer.from([name.length, ...Buffer.from(name), typeOfString]);
  const length = Buffer.alloc(2);
  length.writeUInt16BE(Buffer.byteLength(value));
  return Buffer.concat([begin, length, Buffer.from(value)]);
}

/** One message. `headers` in order, all of them strings. */
export function frame(headers, payload) {
  const block = Buffer.concat(Object.entries(headers).map(([name, value]) => header(name, value)));
  const bytes = Buffer.alloc(12 + block.length + payload.length + 4);
  bytes.writeUInt32BE(bytes.length, 0);
  bytes.writeUInt32BE(block.length, 4);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, 8)), 8);
  block.copy(bytes, 12);
  Buffer.from(payload).copy(bytes, 12 + block.length);
  bytes.writeUInt32BE(crc32(bytes.subarray(0, bytes.length - 4)), bytes.length - 4);
  return bytes;
}

/** An event of a model's answer, as Bedrock wraps it; `p` is padding that hides lengths. */
export function chunk(event) {
  const bytes = Buffer.from(JSON.stringify(event)).toString('base64');
  const p = 'abcdefghijklmnopqrstuvwxyz'.slice(0, bytes.length % 26);
  const payload = Buffer.from(JSON.stringify({ bytes, p }));
  const headers = {
    ':event-type': 'chunk',
    ':content-type': 'application/json',
    ':message-type': 'event',
  };
  return frame(headers, payload);
}

/** The end of a stream that went wrong, such as `throttlingException`. */
export function exception(type, message) {
  const headers = {
    ':exception-type': type,
    ':content-type': 'application/json',
    ':message-type': 'exception',
  };
  return frame(headers, Buffer.from(JSON.stringify({ message })));
}
