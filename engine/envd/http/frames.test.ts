import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { EnvdError } from './errors.ts';
import {
  decodeFrames,
  decodeSingleFrame,
  encodeEndFrame,
  encodeFrame,
  frameOf,
  MAX_RPC_BYTES,
  parseJson,
} from './frames.ts';

describe('frames of a Connect stream', () => {
  it('has a flag byte, a big-endian length and the JSON', () => {
    const frame = encodeFrame({ a: 'ä' });
    expect([...frame.subarray(0, 5)]).toEqual([0, 0, 0, 0, 10]);
    expect(frame.subarray(5).toString()).toBe('{"a":"ä"}');
    expect(parseJson(decodeSingleFrame(frame))).toEqual({ a: 'ä' });
  });

  it('ends with flag 2, and the error if there was one', () => {
    expect(encodeEndFrame().toString('latin1')).toBe('\x02\0\0\0\x02{}');
    const failed = encodeEndFrame(new EnvdError('not_found', 'gone'));
    expect(JSON.parse(failed.subarray(5).toString())).toEqual({ error: { code: 'not_found', message: 'gone' } });
  });

  it('takes an empty message', () => {
    expect(parseJson(decodeSingleFrame(Buffer.from([0, 0, 0, 0, 0])))).toEqual({});
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'invalid_argument'],
    ['half a header', Buffer.from([0, 0]), 'invalid_argument'],
    ['a length that is too long', Buffer.from([0, 0, 0, 0, 9, 0x7b, 0x7d]), 'invalid_argument'],
    ['bytes after the frame', Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d, 0]), 'invalid_argument'],
    ['a compressed frame of an unnamed encoding', Buffer.from([1, 0, 0, 0, 2, 0x7b, 0x7d]), 'invalid_argument'],
  ])('refuses %s', (_name, body, code) => {
    expect(() => decodeSingleFrame(body)).toThrowError(expect.objectContaining({ code }));
  });

  it('unpacks what says that it is packed, up to a limit', () => {
    const text = '{"a":1}';
    expect(decodeSingleFrame(frameOf(gzipSync(text), 1), 'gzip').toString()).toBe(text);
    const bomb = frameOf(gzipSync(Buffer.alloc(MAX_RPC_BYTES + 1)), 1);
    expect(() => decodeSingleFrame(bomb, 'gzip')).toThrowError(expect.objectContaining({ code: 'invalid_argument' }));
  });
});

describe('frames that a caller streams', () => {
  const all = Buffer.concat([encodeFrame({ n: 1 }), encodeFrame({ n: 2 }), frameOf(Buffer.alloc(0)), encodeEndFrame()]);
  const read = async (chunks: Buffer[], limit = 1000) => {
    const found: string[] = [];
    for await (const payload of decodeFrames(Readable.from(chunks), limit)) found.push(payload.toString());
    return found;
  };

  it.each([1, 3, 7, 1000])('come in pieces of %d bytes', async (bytes) => {
    const chunks = Array.from({ length: Math.ceil(all.length / bytes) }, (_, index) =>
      all.subarray(index * bytes, (index + 1) * bytes),
    );
    expect(await read(chunks)).toEqual(['{"n":1}', '{"n":2}', '']);
  });

  it('are bounded and complete', async () => {
    await expect(read([encodeFrame('x'.repeat(100))], 10)).rejects.toMatchObject({ code: 'resource_exhausted' });
    await expect(read([all.subarray(0, 8)])).rejects.toMatchObject({ code: 'invalid_argument' });
  });
});
