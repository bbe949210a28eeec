import { mkdirSync } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod/mini';
import { readTurnLog, TurnLog } from './turn-log.ts';
import type { TurnRecord } from './turn.ts';

/** Turns that can still be replayed, for readers that come back late. */
const KEPT = 50;
const ID = /^[0-9a-f-]{36}$/;

const recordSchema = z.object({
  turnId: z.string(),
  sessionId: z.string(),
  clientId: z.string(),
  userMessageId: z.string(),
  messageId: z.string(),
  title: z.string(),
  startedAt: z.string(),
});

export type StoredTurn = { record: TurnRecord; log: TurnLog };

/** The logs of turns as files, one for each. */
export class TurnFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true, mode: 0o700 });
  }

  start(record: TurnRecord): TurnLog {
    return TurnLog.start(this.#fileOf(record.turnId), record);
  }

  /** A turn that has ended, or was interrupted: then its log goes on in the file. */
  async load(turnId: string): Promise<StoredTurn | undefined> {
    if (!ID.test(turnId)) return undefined;
    const file = this.#fileOf(turnId);
    const stored = await readTurnLog(file).catch(() => undefined);
    const record = recordSchema.safeParse(stored?.record);
    if (stored === undefined || !record.success) return undefined;
    const log = stored.ended ? TurnLog.ended(stored.entries) : new TurnLog(file, stored.entries);
    return { record: record.data, log };
  }

  /** The turns of which there are files, the newest first. Removes those that are too many. */
  async newest(): Promise<string[]> {
    const names = (await readdir(this.#folder)).filter((name) => name.endsWith('.jsonl'));
    const dated = await Promise.all(
      names.map(async (name) => ({
        name,
        at: (await stat(join(this.#folder, name)).catch(() => undefined))?.mtimeMs ?? 0,
      })),
    );
    const sorted = dated.toSorted((first, second) => second.at - first.at).map(({ name }) => name);
    await Promise.all(sorted.slice(KEPT).map((name) => rm(join(this.#folder, name), { force: true })));
    return sorted.slice(0, KEPT).map((name) => name.slice(0, -'.jsonl'.length));
  }

  async remove(turnId: string): Promise<void> {
    await rm(this.#fileOf(turnId), { force: true });
  }

  #fileOf(turnId: string): string {
    return join(this.#folder, `${turnId}.jsonl`);
  }
}
