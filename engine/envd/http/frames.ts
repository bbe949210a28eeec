import type { Readable } from 'node:stream';
import { zlib } from '../late-modules.ts';
import { EnvdError } from './errors.ts';

/** Flag of a frame whose payload is compressed. */
const FLAG_COMPRESSED = 1;
/** Flag of the last frame of a stream. */
const FLAG_END = 2;
const HEADER_BYTES = 5;
/** Longest RPC message in bytes, unpacked: a command line or one piece of standard input, not a file. */
export const MAX_RPC_BYTES = 16 * 1024 * 1024;

/** One frame of a Connect stream: a flag byte, the length (big-endian, 32 bits) and the payload. */
export function frameOf(payload: Buffer, flags = 0): Buffer {
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt8(flags, 0);
  frame.writeUInt32BE(payload.length, 1);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** A frame with a message in JSON. */
export function encodeFrame(message: unknown, flags = 0): Buffer {
  return frameOf(Buffer.from(JSON.stringify(message)), flags);
}

/** The frame that ends a stream, in JSON whatever the messages are in, with the error if there was one. */
export function encodeEndFrame(error?: EnvdError): Buffer {
  return encodeFrame(error ? { error: { code: error.code, message: error.message } } : {}, FLAG_END);
}

/**
 * The one message that a caller of a server stream sends, still encoded.
 * @param encoding The request's Connect-Content-Encoding.
 * @throws EnvdError unless the body is exactly one frame
 */
export function decodeSingleFrame(body: Buffer, encoding?: string): Buffer {
  if (body.length < HEADER_BYTES) throw new EnvdError('invalid_argument', 'the request has no complete frame');
  const end = HEADER_BYTES + body.readUInt32BE(1);
  if (body.length !== end) throw new EnvdError('invalid_argument', 'the request is not exactly one frame');
  return unpack(body.subarray(HEADER_BYTES), body.readUInt8(0), encoding);
}

/**
 * The messages that a caller streams, still encoded, as they come.
 * @throws EnvdError invalid_argument for a body that ends within a frame, resource_exhausted for one that is too long
 */
export async function* decodeFrames(body: Readable, limit: number, encoding?: string): AsyncGenerator<Buffer> {
  let chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of body) {
    if (!Buffer.isBuffer(chunk)) continue;
    chunks.push(chunk);
    size += chunk.length;
    if (size < HEADER_BYTES) continue;
    // Only the header has to be in one piece while the rest comes in.
    if ((chunks[0]?.length ?? 0) < HEADER_BYTES) chunks = [Buffer.concat(chunks)];
    if (size < frameBytes(chunks[0], limit)) continue;
    let left = Buffer.concat(chunks);
    for (let wanted = 0; left.length >= HEADER_BYTES; left = left.subarray(wanted)) {
      wanted = frameBytes(left, limit);
      if (left.length < wanted) break;
      const flags = left.readUInt8(0);
      if (flags & FLAG_END) return;
      yield unpack(left.subarray(HEADER_BYTES, wanted), flags, encoding);
    }
    chunks = [left];
    size = left.length;
  }
  if (size > 0) throw new EnvdError('invalid_argument', 'the request ends within a frame');
}

/** How many bytes the frame has that begins here. */
function frameBytes(start: Buffer | undefined, limit: number): number {
  const length = start?.readUInt32BE(1) ?? 0;
  if (length > limit) throw new EnvdError('resource_exhausted', `a message is longer than ${limit} bytes`);
  return HEADER_BYTES + length;
}

function unpack(payload: Buffer, flags: number, encoding: string | undefined): Buffer {
  if (!(flags & FLAG_COMPRESSED)) return payload;
  if (encoding !== 'gzip') {
    throw new EnvdError('invalid_argument', 'protocol error: sent compressed message without compression support');
  }
  try {
    return zlib().gunzipSync(payload, { maxOutputLength: MAX_RPC_BYTES });
  } catch {
    throw new EnvdError('invalid_argument', 'a compressed message is broken or too long');
  }
}

/** @throws EnvdError invalid_argument */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new EnvdError('invalid_argument', 'the request is not valid JSON');
  }
}
