import { setTimeout as sleep } from 'node:timers/promises';
import type { Blow } from './daemon.ts';
import type { Random } from './random.ts';
import type { Run } from './run.ts';

const BLOWS: readonly (readonly [weight: number, blow: Blow])[] = [
  [6, 'kill -9'],
  [2, 'power cut'],
  [1, 'SIGTERM'],
];
/** A long soak leaves the engine alone in its middle third: what grows slowly shows there. */
const CALM_FROM_SECONDS = 300;

/** Brings the engine down at random moments, and up again. */
export async function strikeAtRandom(
  run: Run,
  random: Random,
  { goesOn, seconds }: { goesOn(): boolean; seconds: number },
): Promise<void> {
  const began = performance.now();
  const share = () => (performance.now() - began) / 1000 / seconds;
  let count = 0;
  while (goesOn()) {
    await sleep(random.between(1000, 12_000));
    if (!goesOn()) return;
    if (seconds >= CALM_FROM_SECONDS && share() > 1 / 3 && share() < 2 / 3) continue;
    // Each kind once before chance decides.
    const blow = BLOWS[count]?.[1] ?? random.weighted(BLOWS);
    count += 1;
    if (blow !== undefined) await strike(run, blow);
  }
}

async function strike(run: Run, blow: Blow): Promise<void> {
  const began = performance.now();
  markDoubts(run, blow);
  await run.daemon.strike(blow);
  markDoubts(run, blow);
  run.tally.add(`the engine's end by ${blow}`, 'up again');
  run.say(`${blow}; up again after ${Math.round(performance.now() - began)} ms`);
}

/** What it means for each sandbox. One that a worker has may be anywhere between two states. */
function markDoubts(run: Run, blow: Blow): void {
  for (const subject of run.subjects) {
    subject.note(`the engine: ${blow}`);
    if (blow === 'kill -9') continue;
    subject.mayHaveStarted();
    subject.doubt ??= { state: true, gone: false };
  }
}
