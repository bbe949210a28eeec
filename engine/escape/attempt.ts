import type { As, EscapeEngine, Result } from './escape-engine.ts';
import type { Row } from './table.ts';
import type { Weakness } from './weakness.ts';

/** Something that code in a sandbox tries. The script ends with 0 only when the attempt succeeded. */
export type Attempt = {
  attempt: string;
  stoppedBy: string;
  as?: As;
  script: string;
  /** Defences that are gone already, so that this one stands alone. */
  base?: Weakness;
  /** What takes the defence away, or why that is not shown. */
  without: { weakness: Weakness } | { as: As; means: string } | { script: string; means: string } | string;
};

export type Outcome = { defended: Result; undefended: Result | null; row: Row };

/** Runs the attempt with its defence and without it. */
export async function make(engine: EscapeEngine, attempt: Attempt): Promise<Outcome> {
  const { script, as = 'user', base, without } = attempt;
  const sandbox = await engine.weak(base ?? {});
  const defended = await engine.run(sandbox, script, as);
  const undefended = await (async () => {
    if (typeof without === 'string') return null;
    if ('weakness' in without) return engine.run(await engine.weak({ ...base, ...without.weakness }), script, as);
    return 'as' in without ? engine.run(sandbox, script, without.as) : engine.run(sandbox, without.script, as);
  })();
  return { defended, undefended, row: describe(attempt, defended, undefended) };
}

function describe({ attempt, stoppedBy, without, as }: Attempt, defended: Result, undefended: Result | null): Row {
  const means = typeof without === 'string' ? without : 'means' in without ? without.means : '';
  return {
    attempt: as === 'root' ? `${attempt} (as root)` : attempt,
    stoppedBy,
    outcome: defended.succeeded ? 'SUCCEEDED' : `fails: ${defended.said || 'no answer'}`,
    without:
      undefended === null
        ? `not shown: ${means}`
        : `${undefended.succeeded ? 'succeeds' : `fails: ${undefended.said}`}${means ? ` (${means})` : ''}`,
  };
}
