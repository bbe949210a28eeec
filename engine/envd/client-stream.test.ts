import { expect, it } from 'vitest';
import { frames } from './client-stream.ts';
import { encodeFrame } from './http/frames.ts';

async function* cut(bytes: Buffer, length: number): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < bytes.length; offset += length) yield bytes.subarray(offset, offset + length);
}

async function read(bytes: Buffer, length: number): Promise<unknown[]> {
  const found: unknown[] = [];
  for await (const message of frames(cut(bytes, length))) found.push(message);
  return found;
}

it('reads frames in whatever pieces they come', async () => {
  const messages = [{ a: 1 }, { text: 'x'.repeat(5000) }, {}, { b: [2, 3] }];
  const bytes = Buffer.concat(messages.map((message) => encodeFrame(message)));
  for (const length of [1, 2, 3, 5, 7, 1024, bytes.length]) expect(await read(bytes, length)).toEqual(messages);
  // What follows the last whole one is never answered for.
  expect(await read(bytes.subarray(0, -1), 64)).toEqual(messages.slice(0, -1));
});

it('refuses a frame that is too long, as soon as its head is there', async () => {
  const head = Buffer.from([0, 0x7f, 0, 0, 0]);
  await expect(read(head, 1)).rejects.toThrow('too long');
});

it('takes no longer for one that comes byte by byte', async () => {
  const message = { text: 'x'.repeat(2 ** 20) };
  const started = performance.now();
  expect(await read(encodeFrame(message), 1)).toEqual([message]);
  expect(performance.now() - started).toBeLessThan(10_000);
});
