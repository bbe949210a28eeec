import { EnvdError } from './errors.ts';

/** Flag of a frame whose payload is compressed. */
const FLAG_COMPRESSED = 1;
/** Flag of the last frame of a stream. */
const FLAG_END = 2;
const HEADER_BYTES = 5;

/** One frame of a Connect stream: a flag byte, the length (big-endian, 32 bits) and the JSON. */
export function encodeFrame(message: unknown, flags = 0): Buffer {
  const payload = Buffer.from(JSON.stringify(message));
  const frame = Buffer.allocUnsafe(HEADER_BYTES + payload.length);
  frame.writeUInt8(flags, 0);
  frame.writeUInt32BE(payload.length, 1);
  payload.copy(frame, HEADER_BYTES);
  return frame;
}

/** The frame that ends a stream, with the error if there was one. */
export function encodeEndFrame(error?: EnvdError): Buffer {
  return encodeFrame(error ? { error: { code: error.code, message: error.message } } : {}, FLAG_END);
}

/**
 * The one message that a caller of a server stream sends.
 * @throws EnvdError invalid_argument unless the body is exactly one uncompressed frame of JSON.
 */
export function decodeSingleFrame(body: Buffer): unknown {
  if (body.length < HEADER_BYTES) throw new EnvdError('invalid_argument', 'the request has no complete frame');
  const flags = body.readUInt8(0);
  if (flags & FLAG_COMPRESSED) throw new EnvdError('unimplemented', 'compressed frames are not supported');
  const end = HEADER_BYTES + body.readUInt32BE(1);
  if (body.length !== end) throw new EnvdError('invalid_argument', 'the request is not exactly one frame');
  return parseJson(body.subarray(HEADER_BYTES));
}

/** @throws EnvdError invalid_argument */
export function parseJson(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString('utf8') || '{}');
  } catch {
    throw new EnvdError('invalid_argument', 'the request is not valid JSON');
  }
}
