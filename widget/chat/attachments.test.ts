import { expect, test } from 'vitest';
import { attachmentsOf, refusalOf } from './attachments.ts';

const limits = { promptCharacters: 1000, attachmentBytes: 1_000_000, attachments: 2 };

test('refuses a file before a byte of it travels, and says why', () => {
  expect(refusalOf({ name: 'a', size: 10 }, 0, limits)).toBeNull();
  expect(refusalOf({ name: 'a', size: 100_000_000 }, 0, limits)).toBe('100 MB is too large. The limit is 1.0 MB.');
  expect(refusalOf({ name: 'a', size: 10 }, 2, limits)).toBe('At most 2 files go with one message.');
  expect(refusalOf({ name: 'a', size: 0 }, 0, limits)).toBe('The file is empty.');
});

test('finds the attachments of a message that is sent again', () => {
  const file = { id: '1', name: 'a.txt', mediaType: 'text/plain', bytes: 1, kind: 'text' as const };
  const message = { id: 'm', role: 'user' as const, parts: [] };
  expect(attachmentsOf({ ...message, metadata: { attachments: [file] } })).toEqual([file]);
  expect(attachmentsOf({ ...message, metadata: { attachments: 'x' } })).toEqual([]);
  expect(attachmentsOf(message)).toEqual([]);
});
