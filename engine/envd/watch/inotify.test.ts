import { expect, it } from 'vitest';
import { IN, parseEvents } from './inotify.ts';

function raw(descriptor: number, mask: number, cookie: number, name: string, padded: number): Buffer {
  const event = Buffer.alloc(16 + padded);
  event.writeInt32LE(descriptor, 0);
  event.writeUInt32LE(mask, 4);
  event.writeUInt32LE(cookie, 8);
  event.writeUInt32LE(padded, 12);
  event.write(name, 16);
  return event;
}

it('reads events of the kernel one after another', () => {
  const bytes = Buffer.concat([
    raw(1, IN.CREATE, 0, 'file', 16),
    raw(-1, IN.Q_OVERFLOW, 0, '', 0),
    raw(2, IN.MOVED_TO | IN.ISDIR, 77, 'sixteen-bytes-ä', 16),
  ]);
  expect([...parseEvents(bytes)]).toEqual([
    { descriptor: 1, event: { mask: IN.CREATE, cookie: 0, name: 'file' } },
    { descriptor: -1, event: { mask: IN.Q_OVERFLOW, cookie: 0, name: '' } },
    { descriptor: 2, event: { mask: IN.MOVED_TO | IN.ISDIR, cookie: 77, name: 'sixteen-bytes-ä' } },
  ]);
});
