/** Enough for a ClientHello with post-quantum key shares, or for the head of a request with large cookies. */
export const MAX_HEAD_BYTES = 64 * 1024;

/** The name that the first bytes of a connection ask for; null: it names none; undefined: more bytes are needed. */
export type FindHostname = (bytes: Buffer) => string | null | undefined;

/** Of the Host header of an HTTP/1 request, without its port. */
export const httpHostname: FindHostname = (bytes) => {
  const text = bytes.toString('latin1');
  const end = text.search(/\r?\n\r?\n/);
  const head = end === -1 ? text : text.slice(0, end);
  const lines = head.split(/\r?\n/);
  if (lines.length > 1 && !/^[A-Z]+ \S+ HTTP\/1\.[01]$/i.test(lines[0] ?? '')) return null;
  if (end === -1) return undefined;
  const hosts = lines.slice(1).filter((line) => /^host:/i.test(line));
  // Two of them are an attempt to show one to us and the other to the server.
  return hosts.length === 1 ? normalize((hosts[0] ?? '').slice('host:'.length).trim()) : null;
};

const HANDSHAKE = 22;
const CLIENT_HELLO = 1;
const SERVER_NAME = 0;
const RECORD_HEAD = 5;
const MAX_RECORDS = 64;

/** The server name of a TLS ClientHello (RFC 6066, 3), which may be spread over several records. */
export const tlsHostname: FindHostname = (bytes) => {
  const parts: Buffer[] = [];
  for (let offset = 0; offset < bytes.length;) {
    if (bytes[offset] !== HANDSHAKE) return null;
    if (offset + RECORD_HEAD > bytes.length) break;
    const length = bytes.readUInt16BE(offset + 3);
    // Empty ones are forbidden (RFC 8446, 5.1), and nobody needs many: each costs the time of this process.
    if (length === 0 || parts.length === MAX_RECORDS) return null;
    parts.push(bytes.subarray(offset + RECORD_HEAD, offset + RECORD_HEAD + length));
    offset += RECORD_HEAD + length;
    const message = Buffer.concat(parts);
    if (message.length < 4 || message.length < 4 + message.readUIntBE(1, 3)) continue;
    return message[0] === CLIENT_HELLO ? serverName(message.subarray(4)) : null;
  }
  return undefined;
};

function serverName(hello: Buffer): string | null {
  try {
    let at = 2 + 32;
    at += 1 + hello.readUInt8(at);
    at += 2 + hello.readUInt16BE(at);
    at += 1 + hello.readUInt8(at);
    const end = at + 2 + hello.readUInt16BE(at);
    at += 2;
    while (at + 4 <= end) {
      const type = hello.readUInt16BE(at);
      const length = hello.readUInt16BE(at + 2);
      const body = hello.subarray(at + 4, at + 4 + length);
      at += 4 + length;
      if (type !== SERVER_NAME) continue;
      if (body.readUInt8(2) !== 0) return null;
      return normalize(body.subarray(5, 5 + body.readUInt16BE(3)).toString('latin1'));
    }
    return null;
  } catch {
    // Lengths that lead out of the message.
    return null;
  }
}

/** With the dot at its end and a port. */
const MAX_NAME = 260;

function normalize(name: string): string | null {
  // First of all: what follows takes time by the length of the text.
  if (name.length > MAX_NAME) return null;
  const host = name.toLowerCase().replace(/:\d+$/, '').replace(/\.$/, '');
  return /^[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*$/.test(host) && host.length <= 253 ? host : null;
}
