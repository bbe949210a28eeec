import type { ParseArgsOptionsConfig } from 'node:util';
import type { Place } from './place.ts';

/** What a command gets: its arguments, its options, and where the engine is. */
export type Invocation = {
  place: Place;
  args: string[];
  /** Everything after `--`. */
  rest: string[];
  flags: Record<string, string | boolean | undefined>;
};

export type Command = {
  name: string;
  /** After the command's name, such as `<id> [--follow]`. */
  usage: string;
  /** One line for the overview. */
  summary: string;
  /** Further lines of `--help`. */
  help?: string[];
  options?: ParseArgsOptionsConfig;
  /** @returns the exit code; 0 when nothing is returned */
  run(invocation: Invocation): Promise<number | void>;
};

/** The command was called in a way that it does not understand. Exit code 2. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** Something is not as the command needs it; `next` says what to do. Exit code 1. */
export class CliError extends Error {
  override name = 'CliError';
  readonly next: string | undefined;

  constructor(message: string, next?: string) {
    super(message);
    this.next = next;
  }
}

/** The only argument. @throws UsageError */
export function onlyArgument(args: string[], name: string): string {
  const [first, ...others] = args;
  if (first === undefined) throw new UsageError(`<${name}> is missing`);
  if (others.length > 0) throw new UsageError(`one <${name}> at a time`);
  return first;
}
