import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { compareList } from './inspection.ts';
import { check, kill, resume } from './operations.ts';
import { Broken } from './outcomes.ts';
import type { Run, Turn } from './run.ts';
import { persist, settle } from './settle.ts';
import type { Subject } from './subject.ts';
import { guarded } from './turns.ts';

/** Wakes and checks every sandbox once more, kills it, stops the engine, and looks for what is left. @throws Broken */
export async function end(turn: Turn): Promise<void> {
  const { run } = turn;
  const { engine } = run.daemon;
  await run.daemon.up();
  run.say(`the end: every one of ${run.subjects.length} sandboxes is checked and killed`);
  for (const subject of [...run.subjects]) {
    await guarded(turn, subject, async () => {
      await settle(run, subject);
      await lookOnceMore(turn, subject);
      if (!subject.over && subject.sandbox !== undefined) await kill(turn, subject, subject.sandbox);
    });
  }
  for (const id of run.abandoned) await persist(run, 'kill', () => Sandbox.kill(id, engine.connection));
  await deleteSnapshots(run);
  await compareList(run);
  // What nothing uses any more is removed at the latest when the engine starts.
  await run.daemon.strike('SIGTERM');
  await engine.end('SIGTERM');
  const left = [...(await engine.remains()), ...dataRemains(engine.dataDir, run.files)];
  if (left.length > 0) throw new Broken(`left when the engine had stopped:\n  ${left.join('\n  ')}`);
}

/** Those too that were made by calls that nobody got an answer to. */
async function deleteSnapshots({ daemon, snapshots }: Run): Promise<void> {
  const { connection } = daemon.engine;
  const found: string[] = [];
  const pages = Sandbox.listSnapshots(connection);
  while (pages.hasNext) found.push(...(await pages.nextItems()).map(({ snapshotId }) => snapshotId));
  const missing = snapshots.filter(({ id }) => !found.includes(id));
  if (missing.length > 0) throw new Broken(`snapshots are not listed: ${missing.map(({ id }) => id).join(', ')}`);
  for (const id of found) await Sandbox.deleteSnapshot(id, connection);
}

async function lookOnceMore(turn: Turn, subject: Subject): Promise<void> {
  const { sandbox } = subject;
  if (subject.over || sandbox === undefined) return;
  if (subject.state === 'paused') await resume('restore')(turn, subject, sandbox);
  if (subject.state === 'running') await check(turn, subject, subject.sandbox ?? sandbox);
}

const FOLDERS = ['sandboxes', 'runc', 'layers', 'layers/cache', 'disks', 'uploads', 'templates', 'builds'];

/** What is in the folders of an engine's data that sandboxes and templates have files in. */
export function dataFiles(dataDir: string): Set<string> {
  return new Set(
    FOLDERS.flatMap((name) => {
      const folder = path.join(dataDir, name);
      return existsSync(folder) ? readdirSync(folder).map((entry) => `${name}/${entry}`) : [];
    }),
  );
}

/** @param before what was there before there was any sandbox */
function dataRemains(dataDir: string, before: Set<string>): string[] {
  return [...dataFiles(dataDir)]
    .filter((file) => !before.has(file) && !file.startsWith('disks/ext4-'))
    .map((file) => `file: ${file}`);
}
