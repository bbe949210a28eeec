import { describe, expect, it } from 'vitest';
import { EnvdError } from './errors.ts';
import { decodeSingleFrame, encodeEndFrame, encodeFrame } from './frames.ts';

describe('frames of a Connect stream', () => {
  it('has a flag byte, a big-endian length and the JSON', () => {
    const frame = encodeFrame({ a: 'ä' });
    expect([...frame.subarray(0, 5)]).toEqual([0, 0, 0, 0, 10]);
    expect(frame.subarray(5).toString()).toBe('{"a":"ä"}');
    expect(decodeSingleFrame(frame)).toEqual({ a: 'ä' });
  });

  it('ends with flag 2, and the error if there was one', () => {
    expect(encodeEndFrame().toString('latin1')).toBe('\x02\0\0\0\x02{}');
    const failed = encodeEndFrame(new EnvdError('not_found', 'gone'));
    expect(JSON.parse(failed.subarray(5).toString())).toEqual({ error: { code: 'not_found', message: 'gone' } });
  });

  it('takes an empty message', () => {
    expect(decodeSingleFrame(Buffer.from([0, 0, 0, 0, 0]))).toEqual({});
  });

  it.each([
    ['nothing', Buffer.alloc(0), 'invalid_argument'],
    ['half a header', Buffer.from([0, 0]), 'invalid_argument'],
    ['a length that is too long', Buffer.from([0, 0, 0, 0, 9, 0x7b, 0x7d]), 'invalid_argument'],
    ['bytes after the frame', Buffer.from([0, 0, 0, 0, 2, 0x7b, 0x7d, 0]), 'invalid_argument'],
    ['a compressed frame', Buffer.from([1, 0, 0, 0, 2, 0x7b, 0x7d]), 'unimplemented'],
    ['no JSON', Buffer.from([0, 0, 0, 0, 1, 0x7b]), 'invalid_argument'],
  ])('refuses %s', (_name, body, code) => {
    expect(() => decodeSingleFrame(body)).toThrowError(expect.objectContaining({ code }));
  });
});
