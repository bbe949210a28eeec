import type { Sandbox } from 'e2b';
import { setTimeout as sleep } from 'node:timers/promises';
import { fork, snapshot } from './copies.ts';
import { check, create, newSubject, WHILE_PAUSED, WHILE_RUNNING } from './operations.ts';
import { report, type Turn } from './run.ts';
import { settle } from './settle.ts';
import type { Subject } from './subject.ts';

/** What is due on a sandbox after a call to it was interrupted, or after a while, in place of the next operation. */
const CHECK_AFTER_DOUBT = 0.5;
const COPIES = 0.08;

/** One operation on a sandbox that no other worker has; mostly once the engine answers. */
export async function takeTurn(turn: Turn, maxSandboxes: number): Promise<void> {
  const { run, random } = turn;
  if (random.chance(0.9)) await run.daemon.up();
  const alive = run.subjects.filter(({ over }) => !over);
  const room = alive.length < maxSandboxes;
  const subject = random.pick(alive.filter(({ busy }) => !busy));
  if (room && (subject === undefined || random.chance(0.05 + 0.5 * (1 - alive.length / maxSandboxes)))) {
    const created = newSubject(turn);
    return guarded(turn, created, () => create(turn, created));
  }
  if (subject === undefined) return void (await sleep(5));
  await guarded(turn, subject, () => operate(turn, subject, room));
}

/** Has the sandbox to itself; a broken promise takes it out of the game. */
export async function guarded({ run }: Turn, subject: Subject, work: () => Promise<void>): Promise<void> {
  subject.busy = true;
  try {
    await work();
  } catch (error) {
    report(run, subject, error);
    subject.over = true;
  } finally {
    subject.busy = false;
    if (subject.over) run.subjects.splice(run.subjects.indexOf(subject), 1);
  }
}

async function operate(turn: Turn, subject: Subject, room: boolean): Promise<void> {
  const { run } = turn;
  const inDoubt = subject.doubt !== null;
  await settle(run, subject);
  const { sandbox } = subject;
  if (subject.over || sandbox === undefined) return;
  await choose(turn, subject, room, inDoubt)?.(turn, subject, sandbox);
}

function choose({ random }: Turn, subject: Subject, room: boolean, inDoubt: boolean) {
  if (subject.state === 'paused') return random.weighted(WHILE_PAUSED);
  if (inDoubt && random.chance(CHECK_AFTER_DOUBT)) return check;
  if (random.chance(COPIES)) return room && random.chance(0.6) ? fork : snapshot;
  return random.weighted(WHILE_RUNNING);
}

export type Operation = (turn: Turn, subject: Subject, sandbox: Sandbox) => Promise<void>;
