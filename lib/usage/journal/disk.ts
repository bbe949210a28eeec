import { closeSync, ftruncateSync, mkdirSync, openSync, unlinkSync, writeFileSync, writeSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Log } from '../../log.ts';
import { startedCallSchema, type StartedCall, type UsageEvent, usageEventSchema } from '../events/event.ts';
import type { Journal } from './journal.ts';
import { ownerOfThisProcess } from './owner.ts';

export type DiskJournalOptions = {
  /** The folder of all journals; each process has one of its own in it. */
  folder: string;
  instance: string;
  log: Log;
  /** Bytes of one file, and how many files there may be. */
  fileBytes?: number;
  maxFiles?: number;
};

type File = {
  name: string;
  descriptor: number | null;
  bytes: number;
  /** Calls that need it. */
  calls: number;
};

/** More would let the first of a burst of calls wait for the last; a write costs as much as a tenth of a call. */
const MAX_GROUP = 8;

/** Lines that are written together, and who waits for them. */
type Group = { ids: string[]; text: string; written: Promise<void>; resolve(): void; reject(error: unknown): void };

export const OWNER_FILE = 'owner.json';

/**
 * A journal of lines. They are handed to the kernel, which keeps them when the process is killed; nothing waits for the
 * disk, so that a power cut can cost the last seconds. What comes up in one turn of the event loop is written together at
 * its end, or some at a time: a busy process begins and ends many calls in one. A file is removed when Postgres has all calls in it.
 */
export function createDiskJournal(options: DiskJournalOptions): Journal {
  const { log, instance, fileBytes = 4 * 1024 * 1024, maxFiles = 64 } = options;
  const folder = join(options.folder, folderName(instance));
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  writeFileSync(join(folder, OWNER_FILE), JSON.stringify(ownerOfThisProcess(instance)), { mode: 0o600 });
  const files: File[] = [];
  const filesOf = new Map<string, File[]>();
  let sequence = 0;
  let current = open();

  let group: Group | null = null;

  function open(): File {
    sequence += 1;
    const name = `${String(sequence).padStart(8, '0')}.journal`;
    const descriptor = openSync(join(folder, name), 'ax', 0o600);
    const file: File = { name, descriptor, bytes: 0, calls: 0 };
    files.push(file);
    return file;
  }

  function write(id: string, kind: 'began' | 'ended', value: StartedCall | UsageEvent): Promise<void> {
    if (group === null) {
      const { promise: written, resolve, reject } = Promise.withResolvers<void>();
      group = { ids: [], text: '', written, resolve, reject };
      setImmediate(commit);
    }
    const { ids, written } = group;
    ids.push(id);
    group.text += `${JSON.stringify([kind, value])}\n`;
    if (ids.length >= MAX_GROUP) commit();
    return written;
  }

  function commit(): void {
    if (group === null) return;
    const { ids, text, resolve, reject } = group;
    group = null;
    try {
      if (current.bytes >= fileBytes && current.descriptor !== null) rotate();
      append(current, text);
    } catch (error) {
      return reject(error);
    }
    for (const id of ids) need(current, id);
    resolve();
  }

  function append(file: File, text: string): void {
    if (file.descriptor === null) throw new Error('the journal is closed');
    const bytes = Buffer.from(text);
    try {
      for (let done = 0; done < bytes.length;) done += writeSync(file.descriptor, bytes, done);
    } catch (error) {
      // What was written of it is taken back: calls that are refused must not be found by who recovers the journal.
      ftruncateSync(file.descriptor, file.bytes);
      throw error;
    }
    file.bytes += bytes.length;
  }

  function need(file: File, id: string): void {
    const own = filesOf.get(id);
    if (own?.includes(file)) return;
    file.calls += 1;
    if (own) own.push(file);
    else filesOf.set(id, [file]);
  }

  function rotate(): void {
    const full = current;
    current = open();
    close(full);
    if (full.calls === 0) remove(full);
  }

  function close(file: File): void {
    if (file.descriptor !== null) closeSync(file.descriptor);
    file.descriptor = null;
  }

  function remove(file: File): void {
    files.splice(files.indexOf(file), 1);
    try {
      unlinkSync(join(folder, file.name));
    } catch (error) {
      log.warn({ err: error }, 'a file of the usage journal was not removed');
    }
  }

  return {
    kind: 'disk',
    hasRoom: () => files.length < maxFiles,
    began: (call) => write(call.id, 'began', call),
    changed: (call) => write(call.id, 'began', call),
    ended: (event) =>
      write(event.id, 'ended', event).catch((error: unknown) => {
        // The event is in memory and on its way to Postgres; after a crash the reservation would be billed.
        log.error({ err: error }, 'the end of a call was not written to the journal');
      }),
    written(ids) {
      for (const id of ids) {
        for (const file of filesOf.get(id) ?? []) {
          file.calls -= 1;
          if (file.calls === 0 && file !== current) remove(file);
        }
        filesOf.delete(id);
      }
    },
    async remove() {
      commit();
      close(current);
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Instances' names have colons. */
function folderName(instance: string): string {
  return instance.replace(/[^\w.-]/g, '_').slice(-200);
}

/** What a journal's lines say: calls without an end, and ends. A last line that was cut off is left out. */
export function readJournal(text: string, into: { began: Map<string, StartedCall>; ended: Map<string, UsageEvent> }) {
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry?.kind === 'began') into.began.set(entry.call.id, entry.call);
    if (entry?.kind === 'ended') into.ended.set(entry.event.id, entry.event);
  }
}

type Entry = { kind: 'began'; call: StartedCall } | { kind: 'ended'; event: UsageEvent };

function parseLine(line: string): Entry | null {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return null;
  }
  if (!Array.isArray(value)) return null;
  const [kind, content] = value as unknown[];
  const call = kind === 'began' ? startedCallSchema.safeParse(content) : null;
  if (call?.success) return { kind: 'began', call: call.data };
  const event = kind === 'ended' ? usageEventSchema.safeParse(content) : null;
  return event?.success ? { kind: 'ended', event: event.data } : null;
}
