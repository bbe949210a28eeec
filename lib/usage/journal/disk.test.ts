import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../log.ts';
import { lostCall, type StartedCall } from '../events/event.ts';
import { createDiskJournal, readJournal } from './disk.ts';
import { aStartedCall } from './testing-journal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shmastra-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = () => ({ folder, instance: 'one', log: createLog('test', 'silent') });
const files = async () => (await readdir(join(folder, 'one'))).filter((name) => name.endsWith('.journal'));
async function read() {
  const found = { began: new Map<string, StartedCall>(), ended: new Map() };
  for (const file of await files()) readJournal(await readFile(join(folder, 'one', file), 'utf8'), found);
  return found;
}

test('a call that has begun or ended is in the file when that is said', async () => {
  const journal = createDiskJournal(options());
  const [first, second] = [aStartedCall(), aStartedCall()];
  await Promise.all([journal.began(first), journal.began(second)]);
  expect([...(await read()).began.keys()]).toEqual([first.id, second.id]);
  await journal.ended(lostCall(first));
  expect([...(await read()).ended.keys()]).toEqual([first.id]);
});

test('of a burst the first need not wait for the last', async () => {
  const journal = createDiskJournal(options());
  let written = 0;
  const all = Array.from({ length: 20 }, () => journal.began(aStartedCall()).then(() => (written += 1)));
  await Promise.resolve();
  expect(written).toBe(16);
  await Promise.all(all);
  expect((await read()).began.size).toBe(20);
});

test('a full file is removed once Postgres has the calls in it, and not before', async () => {
  const journal = createDiskJournal({ ...options(), fileBytes: 1 });
  const [first, second] = [aStartedCall(), aStartedCall()];
  await journal.began(first);
  await journal.ended(lostCall(first));
  await journal.began(second);
  expect(await files()).toHaveLength(3);
  journal.written([first.id]);
  expect(await files()).toHaveLength(1);
  expect([...(await read()).began.keys()]).toEqual([second.id]);
});

test('nothing begins once it is closed, and what had come up before is not lost', async () => {
  const journal = createDiskJournal(options());
  const begun = journal.began(aStartedCall());
  const removed = journal.remove();
  await begun;
  await removed;
  await expect(journal.began(aStartedCall())).rejects.toThrow('the journal is closed');
  await journal.ended(lostCall(aStartedCall()));
});

test('reads past a line that was cut off, to those after it', () => {
  const [first, second] = [aStartedCall(), aStartedCall()];
  const line = (value: StartedCall) => JSON.stringify(['began', value]);
  const found = { began: new Map<string, StartedCall>(), ended: new Map() };
  readJournal(`${line(first)}\n${line(aStartedCall()).slice(0, 40)}\n${line(second)}\n`, found);
  expect([...found.began.keys()]).toEqual([first.id, second.id]);
});

test('of calls that are refused on a full disk nothing stays, and what fits goes on', async () => {
  const child = new URL('full-disk-child.ts', import.meta.url).pathname;
  // Of 1,024 bytes each, in dash and bash.
  const limited = ['-c', 'ulimit -f 8; exec "$0" "$@"', process.execPath, child, folder];
  const { stdout } = await promisify(execFile)('bash', limited);
  const [begun = 0, refused = 0] = stdout.split(' ').map(Number);
  expect(Math.min(begun, refused)).toBeGreaterThan(6);
  expect((await read()).began.size).toBe(begun);
});
