import { readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs, stripVTControlCharacters } from 'node:util';
import { Template, type BuildInfo, type ConnectionOpts, type LogEntry } from 'e2b';
import { z } from 'zod';
import { defineTemplate, IGNORED } from './template/definition.ts';
import { hashInputs } from './template/inputs-hash.ts';
import { stepLine } from './template/step-line.ts';

// Builds the sandbox template, on the local engine and on e2b.dev alike:
//   npm run template:build -- [--if-changed]
// Where it goes is said by E2B_API_KEY, E2B_API_URL and E2B_DOMAIN, its name by SANDBOX_TEMPLATE.

const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..');
/** `mastra build` needs 1.5 GB at its peak. */
const RESOURCES = { cpuCount: 2, memoryMB: 2048 };
const POLL_MS = 300;
const MAX_BUILD_MS = 30 * 60_000;
/** The tag that a sandbox is made from when none is named. */
const CURRENT = 'default';

const settingsSchema = z.object({
  E2B_API_KEY: z.string('is missing: the key for the engine, or for e2b.dev').min(1),
  SANDBOX_TEMPLATE: z.string().min(1).default('shmastra'),
});

export type BuildTemplateOptions = {
  /** Called with a line of progress. */
  onLog?: (line: string) => void;
  /** Skips the build when the template was built from the same inputs already. */
  ifChanged?: boolean;
  env?: NodeJS.ProcessEnv;
  /** Connection settings other than those of the environment. */
  connection?: ConnectionOpts;
};

export type BuiltTemplate = { name: string; hash: string; built: boolean; seconds: number };

/** A build that failed, with the step it failed at and what to do about it. */
export class TemplateBuildError extends Error {
  override name = 'TemplateBuildError';
  readonly step: string;
  readonly next: string;

  constructor(step: string, message: string, next: string, options?: ErrorOptions) {
    super(message, options);
    this.step = step;
    this.next = next;
  }
}

/** Builds the template, or finds that it is up to date. Throws TemplateBuildError. */
export async function buildTemplate(options: BuildTemplateOptions = {}): Promise<BuiltTemplate> {
  const { onLog = () => {}, ifChanged = false, env = process.env, connection = {} } = options;
  const started = Date.now();
  const seconds = () => Math.round((Date.now() - started) / 100) / 10;
  const log = (line: string) => onLog(`[${seconds().toFixed(1).padStart(6)} s] ${line}`);

  const settings = readSettings(env);
  const opts: ConnectionOpts = { apiKey: settings.E2B_API_KEY, ...connection };
  const name = settings.SANDBOX_TEMPLATE;
  const hash = await hashInputs(ROOT, IGNORED);
  if (ifChanged && (await isCurrent(name, hash, opts))) {
    log(`template ${name} is up to date (${hash})`);
    return { name, hash, built: false, seconds: seconds() };
  }

  log(`building template ${name} (${hash})`);
  const { template, titles } = await defineTemplate({ root: ROOT, version: await readVersion(), hash });
  try {
    const build = await Template.buildInBackground(template, name, { ...opts, ...RESOURCES });
    await followBuild(build, titles, opts, log);
    await Template.assignTags(`${name}:${CURRENT}`, hash, opts);
  } catch (error) {
    throw describeFailure(error);
  }
  log(`template ${name} is ready`);
  return { name, hash, built: true, seconds: seconds() };
}

function readSettings(env: NodeJS.ProcessEnv): z.infer<typeof settingsSchema> {
  const parsed = settingsSchema.safeParse(env);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')} ${issue.message}`).join('; ');
  throw new TemplateBuildError(
    'settings',
    problems,
    'Set it in the environment, or use `npm start`, which sets all of them.',
  );
}

/** Whether what sandboxes are made from now was built from the same inputs. A build that was replaced becomes current again. */
async function isCurrent(name: string, hash: string, opts: ConnectionOpts): Promise<boolean> {
  try {
    if (!(await Template.exists(`${name}:${hash}`, opts))) return false;
    const tags = await Template.getTags(name, opts);
    const buildOf = (wanted: string) => tags.find(({ tag }) => tag === wanted)?.buildId;
    if (buildOf(hash) === undefined) return false;
    if (buildOf(hash) !== buildOf(CURRENT)) await Template.assignTags(`${name}:${hash}`, CURRENT, opts);
    return true;
  } catch (error) {
    throw describeFailure(error);
  }
}

async function readVersion(): Promise<string> {
  const manifest: unknown = JSON.parse(await readFile(join(ROOT, 'template/shmastra/package.json'), 'utf8'));
  return z.object({ version: z.string() }).parse(manifest).version;
}

/** Passes the build's log on until it ends. The SDK's own waiting would lose the number of the step that failed. */
async function followBuild(
  build: BuildInfo,
  titles: string[],
  opts: ConnectionOpts,
  log: (line: string) => void,
): Promise<void> {
  const deadline = Date.now() + MAX_BUILD_MS;
  for (let logsOffset = 0; Date.now() < deadline;) {
    const { status, logEntries, reason } = await Template.getBuildStatus(build, { ...opts, logsOffset });
    logsOffset += logEntries.length;
    for (const entry of logEntries) logEntry(entry, (line) => log(stepLine(line, titles)));
    if (status === 'ready' && logEntries.length === 0) return;
    if (status === 'error' && logEntries.length === 0) {
      const message = reason?.message ?? 'The engine gave no reason.';
      throw new TemplateBuildError(
        titleOf(reason?.step, titles),
        message,
        'Read the lines above for the cause. A second run goes on from the last step that worked.',
      );
    }
    if (logEntries.length === 0) await sleep(POLL_MS);
  }
  throw new TemplateBuildError(
    'build',
    `The build took longer than ${MAX_BUILD_MS / 60_000} minutes.`,
    'See whether the engine and the package registries are slow, and run it again.',
  );
}

/** The engine counts instructions from 1, and calls what lies before and after them by name. */
function titleOf(step: string | undefined, titles: string[]): string {
  if (step === 'base') return 'prepare the base image';
  if (step === 'finalize') return 'start the runner';
  return titles[Number(step) - 1] ?? 'build';
}

function logEntry({ message, level }: LogEntry, log: (line: string) => void): void {
  for (const line of stripVTControlCharacters(message).split(/[\r\n]+/)) {
    if (line.trim() !== '') log(level === 'info' || level === 'debug' ? line : `${level}: ${line}`);
  }
}

function describeFailure(error: unknown): TemplateBuildError {
  if (error instanceof TemplateBuildError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new TemplateBuildError(
    'talk to the engine',
    message,
    'Check that the engine runs, and that E2B_API_KEY and E2B_API_URL are right.',
    { cause: error },
  );
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    const { values } = parseArgs({ options: { 'if-changed': { type: 'boolean', default: false } } });
    await buildTemplate({ onLog: (line) => console.log(line), ifChanged: values['if-changed'] });
  } catch (error) {
    if (!(error instanceof TemplateBuildError)) throw error;
    console.error(`The template was not built. Step: ${error.step}\n${error.message}\n${error.next}`);
    process.exitCode = 1;
  }
}
