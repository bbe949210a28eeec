import { CommandExitError, NotFoundError, RateLimitError, SandboxNotFoundError, ServiceBusyError } from 'e2b';

/** What a failed call was, in the words of the report. */
export type Kind = 'not found' | 'conflict' | 'full' | 'rate limited' | 'unreachable' | 'command failed' | 'other';

export function kindOf(error: unknown): Kind {
  const text = errorText(error);
  if (error instanceof CommandExitError) return 'command failed';
  if (error instanceof SandboxNotFoundError || error instanceof NotFoundError || /^404\b/.test(text))
    return 'not found';
  if (error instanceof RateLimitError || /^429\b/.test(text)) return 'rate limited';
  if (error instanceof ServiceBusyError || /^503\b/.test(text)) return 'full';
  if (/^409\b/.test(text)) return 'conflict';
  if (
    /\b(ECONNREFUSED|ECONNRESET|EPIPE|UND_ERR\w*)\b|fetch failed|socket hang up|other side closed|terminated|\b502\b/i.test(
      text,
    ) ||
    /\[(unavailable|aborted|unknown|canceled|internal)\]|premature|sandbox was not found|is not running|timed? ?out/i.test(
      text,
    )
  ) {
    return 'unreachable';
  }
  return 'other';
}

/** The message of the error and of its causes. */
export function errorText(error: unknown): string {
  const parts: string[] = [];
  for (let current = error, depth = 0; current instanceof Error && depth < 5; current = current.cause, depth += 1) {
    const code = 'code' in current && typeof current.code === 'string' ? `${current.code} ` : '';
    parts.push(`${code}${current.message}`);
  }
  if (error instanceof CommandExitError) parts.push(`exit ${error.exitCode}`, error.stderr.slice(0, 500));
  return parts.length > 0 ? parts.join(': ') : String(error);
}

/** A promise of the engine that was broken. */
export class Broken extends Error {
  override name = 'Broken';
}

/** Counts of what was done and how it ended. */
export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  add(operation: string, outcome: string): void {
    const outcomes = this.#counts.get(operation) ?? new Map<string, number>();
    outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
    this.#counts.set(operation, outcomes);
  }

  toJSON(): Record<string, Record<string, number>> {
    return Object.fromEntries(
      [...this.#counts].toSorted().map(([operation, outcomes]) => [operation, Object.fromEntries(outcomes)]),
    );
  }
}
