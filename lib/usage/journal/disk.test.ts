import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLog } from '../../log.ts';
import { lostCall, type StartedCall } from '../events/event.ts';
import { createDiskJournal, readJournal } from './disk.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'shmastra-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const options = () => ({ folder, instance: 'one', log: createLog('test', 'silent') });
const call = (): StartedCall => ({
  id: crypto.randomUUID(),
  at: new Date().toISOString(),
  userId: crypto.randomUUID(),
  keyId: null,
  provider: 'openai',
  model: 'gpt-5-mini',
  operation: 'generate',
  requestId: null,
  held: 10,
  pricedBy: 'table',
});
const files = async () => (await readdir(join(folder, 'one'))).filter((name) => name.endsWith('.journal'));
async function read() {
  const found = { began: new Map<string, StartedCall>(), ended: new Map() };
  for (const file of await files()) readJournal(await readFile(join(folder, 'one', file), 'utf8'), found);
  return found;
}

test('a call that has begun or ended is in the file when that is said', async () => {
  const journal = createDiskJournal(options());
  const [first, second] = [call(), call()];
  await Promise.all([journal.began(first), journal.began(second)]);
  expect([...(await read()).began.keys()]).toEqual([first.id, second.id]);
  await journal.ended(lostCall(first));
  expect([...(await read()).ended.keys()]).toEqual([first.id]);
});

test('a full file is removed once Postgres has the calls in it, and not before', async () => {
  const journal = createDiskJournal({ ...options(), fileBytes: 1 });
  const [first, second] = [call(), call()];
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
  const begun = journal.began(call());
  const removed = journal.remove();
  await begun;
  await removed;
  await expect(journal.began(call())).rejects.toThrow('the journal is closed');
  await journal.ended(lostCall(call()));
});

test('reads past a line that was cut off, to those after it', () => {
  const [first, second] = [call(), call()];
  const line = (value: StartedCall) => JSON.stringify(['began', value]);
  const found = { began: new Map<string, StartedCall>(), ended: new Map() };
  readJournal(`${line(first)}\n${line(call()).slice(0, 40)}\n${line(second)}\n`, found);
  expect([...found.began.keys()]).toEqual([first.id, second.id]);
});
