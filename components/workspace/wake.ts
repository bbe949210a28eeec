import type { Problem } from './workspace-view.ts';

export type WakeAnswer = { kind: 'done' } | { kind: 'later'; seconds: number } | { kind: 'refused'; problem: Problem };

export type WakePorts = {
  ask(signal: AbortSignal): Promise<WakeAnswer>;
  after(milliseconds: number, callback: () => void): () => void;
};

/** A wake that takes longer than this many asks is told as a problem, with a button to go on. */
const MAX_ASKS = 20;

/**
 * Asks for the wake of a sleeping workspace until it is under way or done. Returns how to stop.
 * The status stream tells what comes of it; this only tells when asking does not help.
 */
export function wakeWorkspace(ports: WakePorts, onProblem: (problem: Problem) => void): () => void {
  const abort = new AbortController();
  let cancel = () => {};
  const ask = async (count: number) => {
    const answer = await ports.ask(abort.signal);
    if (abort.signal.aborted || answer.kind === 'done') return;
    if (answer.kind === 'refused') onProblem(answer.problem);
    else if (count >= MAX_ASKS) onProblem(tooLong);
    else cancel = ports.after(answer.seconds * 1_000, () => void ask(count + 1));
  };
  void ask(1);
  return () => {
    abort.abort();
    cancel();
  };
}

const tooLong: Problem = {
  code: 'wake_too_long',
  message: 'Your workspace does not wake up.',
  next: 'Try again, or send the details to an admin. Your files are kept.',
};
