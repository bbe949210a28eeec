import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { compareList } from './inspection.ts';
import { check, kill, resume } from './operations.ts';
import { Broken } from './outcomes.ts';
import type { Turn } from './run.ts';
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
  for (const { id } of run.snapshots) {
    await persist(run, 'delete a snapshot', () => Sandbox.deleteSnapshot(id, engine.connection));
  }
  await compareList(run);
  await engine.end('SIGTERM');
  const left = [...(await engine.remains()), ...dataRemains(engine.dataDir)];
  if (left.length > 0) throw new Broken(`left when the engine had stopped:\n  ${left.join('\n  ')}`);
}

async function lookOnceMore(turn: Turn, subject: Subject): Promise<void> {
  const { sandbox } = subject;
  if (subject.over || sandbox === undefined) return;
  if (subject.state === 'paused') await resume('restore')(turn, subject, sandbox);
  if (subject.state === 'running') await check(turn, subject, subject.sandbox ?? sandbox);
}

/** Of sandboxes nothing stays in the data folder; of templates, what their layers and builds are. */
function dataRemains(dataDir: string): string[] {
  return ['sandboxes', 'runc'].flatMap((name) => {
    const folder = path.join(dataDir, name);
    return existsSync(folder) ? readdirSync(folder).map((entry) => `file: ${name}/${entry}`) : [];
  });
}
