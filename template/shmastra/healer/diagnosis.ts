import * as z from 'zod/mini';

const healthReport = z.object({
  state: z.enum(['starting', 'ready', 'failed']),
  waiting: z.optional(z.enum(['environment', 'app'])),
  error: z.optional(z.object({ message: z.string(), file: z.optional(z.string()), line: z.optional(z.number()) })),
});

/** One look at the runner. */
export type Observation =
  | { kind: 'answered'; state: 'starting' | 'ready' | 'failed'; waiting: boolean; cause: string }
  | { kind: 'silent'; cause: string };

export type Diagnosis = { state: 'ready' | 'failed' | 'unreachable'; cause: string };

/** Looks in a row that must agree before the healer believes them: a restart is no illness. */
const NEEDED = { ready: 1, failed: 2, unreachable: 3 } as const;
/** A start that takes this many looks is no start any more. */
const MAX_STARTING = 12;
const MAX_CAUSE = 1000;

export function readHealth(body: unknown): Observation {
  const parsed = healthReport.safeParse(body);
  if (!parsed.success) return { kind: 'silent', cause: 'The health answer is not understood.' };
  const { state, waiting, error } = parsed.data;
  const place = error?.file === undefined ? '' : ` (${error.file}:${error.line ?? 0})`;
  const cause = error === undefined ? '' : `${error.message}${place}`;
  return { kind: 'answered', state, waiting: waiting === 'environment', cause: cause.slice(0, MAX_CAUSE) };
}

/** Turns looks into a verdict, and says so only when it differs from the last one. */
export class Diagnoser {
  // A sandbox that comes up well is what everybody expects: nobody needs a report.
  #verdict: Diagnosis['state'] = 'ready';
  #suspected: Diagnosis['state'] = 'ready';
  #agreeing = 0;
  #starting = 0;

  observe(observation: Observation): Diagnosis | undefined {
    const state = this.#suspect(observation);
    if (state === undefined) return undefined;
    this.#agreeing = state === this.#suspected ? this.#agreeing + 1 : 1;
    this.#suspected = state;
    if (state === this.#verdict || this.#agreeing < NEEDED[state]) return undefined;
    this.#verdict = state;
    return { state, cause: state === 'ready' ? '' : observation.cause };
  }

  #suspect(observation: Observation): Diagnosis['state'] | undefined {
    if (observation.kind === 'silent') return 'unreachable';
    if (observation.state !== 'starting' || observation.waiting) this.#starting = 0;
    if (observation.state !== 'starting') return observation.state;
    if (observation.waiting || ++this.#starting < MAX_STARTING) return undefined;
    return 'unreachable';
  }
}
