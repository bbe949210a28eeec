import { z } from 'zod';
import { BadRequestError } from '../api/errors.ts';

const LINUX_USER = /^[a-z_][a-z0-9_-]{0,31}$/;
const MODE = /^[0-7]{3,4}$/;
const MAX_STEPS = 500;

const stepSchema = z.object({
  type: z.string(),
  args: z.array(z.string()).default([]),
  force: z.boolean().default(false),
  filesHash: z
    .string()
    .regex(/^[0-9a-f]{64}$/)
    .nullish(),
});

/** The body of `POST /v2/templates/{templateID}/builds/{buildID}`. */
export const buildStartSchema = z.object({
  fromImage: z.string().max(500).nullish(),
  fromTemplate: z.string().max(300).nullish(),
  fromImageRegistry: z.unknown().optional(),
  startCmd: z.string().nullish(),
  readyCmd: z.string().nullish(),
  force: z.boolean().default(false),
  steps: z.array(stepSchema).max(MAX_STEPS).default([]),
});
export type BuildStart = z.infer<typeof buildStartSchema>;

type Common = {
  /** From 1, as the SDK counts. */
  number: number;
  /** What the log calls it. */
  title: string;
  /** Runs although its outcome is cached. */
  force: boolean;
};

export type Step = Common &
  (
    | { type: 'RUN'; command: string; user: string | undefined }
    | {
        type: 'COPY';
        source: string;
        destination: string;
        owner: string | undefined;
        mode: string | undefined;
        filesHash: string;
      }
    | { type: 'WORKDIR'; path: string }
    | { type: 'USER'; name: string }
    | { type: 'ENV'; variables: [string, string][] }
  );

/**
 * Checks the steps of a build before anything runs.
 * @throws BadRequestError naming the step.
 */
export function parseSteps(steps: BuildStart['steps'], forceAll: boolean): Step[] {
  let force = forceAll;
  return steps.map((step, index) => {
    // What stands on a step that is made anew is made anew.
    force ||= step.force;
    return parseStep(step, { number: index + 1, title: `${step.type} ${step.args.join(' ')}`.slice(0, 300), force });
  });
}

function parseStep(step: BuildStart['steps'][number], common: Common): Step {
  const { args } = step;
  const fail = (problem: string): never => {
    throw new BadRequestError(`Step ${common.number} (${step.type}): ${problem}`);
  };
  const [first, second, third, fourth] = args;
  const user = (name: string | undefined) =>
    name === undefined || name === '' || LINUX_USER.test(name)
      ? name || undefined
      : fail(`'${name}' is not a user name`);
  switch (step.type) {
    case 'RUN':
      return { ...common, type: 'RUN', command: first || fail('the command is missing'), user: user(second) };
    case 'COPY': {
      if (!first || !second) return fail('source and destination are needed');
      if (first.startsWith('/') || first.split('/').includes('..')) return fail('the source is outside of the context');
      if (fourth && !MODE.test(fourth)) return fail(`'${fourth}' is not a mode in octal digits`);
      const filesHash = step.filesHash ?? fail('the hash of the files is missing');
      const [owner] = (third ?? '').split(':');
      const target = { source: first, destination: second, owner: user(owner), mode: fourth || undefined };
      return { ...common, type: 'COPY', ...target, filesHash };
    }
    case 'WORKDIR':
      return { ...common, type: 'WORKDIR', path: first || fail('the path is missing') };
    case 'USER':
      return { ...common, type: 'USER', name: user(first) ?? fail('the name is missing') };
    case 'ENV':
      return { ...common, type: 'ENV', variables: pairs(args) ?? fail('names and values do not match') };
    default:
      return fail('this instruction is not supported');
  }
}

function pairs(args: string[]): [string, string][] | undefined {
  if (args.length % 2 !== 0) return undefined;
  const found: [string, string][] = [];
  for (let index = 0; index < args.length; index += 2) found.push([args[index] ?? '', args[index + 1] ?? '']);
  return found.every(([name]) => /^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) ? found : undefined;
}

/**
 * Steps that run in one sandbox and make one layer: what comes before a RUN is quick to do again, so it goes with it.
 */
export function groupSteps(steps: Step[]): Step[][] {
  const groups: Step[][] = [];
  let open: Step[] = [];
  for (const step of steps) {
    open.push(step);
    if (step.type !== 'RUN') continue;
    groups.push(open);
    open = [];
  }
  if (open.length > 0) groups.push(open);
  return groups;
}

/** What the outcome of a step depends on, for the cache's key. */
export function stepInputs({ number: _number, title: _title, force: _force, ...inputs }: Step): unknown {
  return inputs;
}

/** Replaces `$NAME` and `${NAME}` as a shell would; unknown names become empty, `\$` stays a dollar sign. */
export function expandVariables(value: string, env: Record<string, string>): string {
  return value.replace(/\\\$|\$\{([A-Za-z_]\w*)\}|\$([A-Za-z_]\w*)/g, (match, braced?: string, bare?: string) =>
    match === '\\$' ? '$' : (env[braced ?? bare ?? ''] ?? ''),
  );
}
