import { spawn, type ChildProcess } from 'node:child_process';

const HEAD_CHARACTERS = 6000;
const TAIL_CHARACTERS = 12_000;
const KILL_AFTER_MS = 2000;
/** For what a command leaves behind in the background with its output still open. */
const CLOSE_MS = 500;

export type CommandResult = { exitCode: number | null; output: string; timedOut: boolean; ms: number };

type CommandOptions = { cwd: string; env: Record<string, string>; timeoutMs: number; signal: AbortSignal };

/** Runs a command of a shell. It and all that it has started in its process group are ended at the timeout or on abort. */
export async function runCommand(
  command: string,
  { cwd, env, timeoutMs, signal }: CommandOptions,
): Promise<CommandResult> {
  signal.throwIfAborted();
  const started = performance.now();
  const child = spawn('bash', ['-c', command], { cwd, env, detached: true, stdio: ['ignore', 'pipe', 'pipe'] });
  const output = new OutputEnds();
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding('utf8').on('data', (text: string) => output.add(text));
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    endGroup(child);
  }, timeoutMs);
  const onAbort = () => endGroup(child);
  signal.addEventListener('abort', onAbort);
  try {
    const exitCode = await ended(child);
    signal.throwIfAborted();
    return { exitCode, output: output.text, timedOut, ms: Math.round(performance.now() - started) };
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', onAbort);
    kill(child, 'SIGKILL');
  }
}

/** The variables that a command gets: none of the keys and tokens. */
export function commandEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept: Record<string, string> = {
    TERM: 'dumb',
    CI: '1',
    NO_COLOR: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_PAGER: 'cat',
  };
  for (const name of [
    'PATH',
    'HOME',
    'USER',
    'LOGNAME',
    'LANG',
    'SHELL',
    'TZ',
    'TMPDIR',
    'PNPM_HOME',
    'npm_config_registry',
  ]) {
    const value = env[name];
    if (value !== undefined) kept[name] = value;
  }
  return kept;
}

function ended(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code));
    child.once('exit', (code) => setTimeout(() => resolve(code), CLOSE_MS).unref());
  });
}

function endGroup(child: ChildProcess): void {
  kill(child, 'SIGTERM');
  setTimeout(() => kill(child, 'SIGKILL'), KILL_AFTER_MS).unref();
}

function kill({ pid }: ChildProcess, signal: NodeJS.Signals): void {
  if (pid === undefined) return;
  try {
    process.kill(-pid, signal);
  } catch {
    // Nobody is left.
  }
}

/** The beginning and the end of a long output, which are the parts that tell most. */
class OutputEnds {
  #head = '';
  #tail = '';
  #left = 0;

  add(text: string): void {
    const room = HEAD_CHARACTERS - this.#head.length;
    this.#head += text.slice(0, Math.max(0, room));
    const tail = this.#tail + text.slice(Math.max(0, room));
    const cut = Math.max(0, tail.length - TAIL_CHARACTERS);
    this.#left += cut;
    this.#tail = tail.slice(cut);
  }

  get text(): string {
    if (this.#left === 0) return this.#head + this.#tail;
    return `${this.#head}\n… ${this.#left} characters left out …\n${this.#tail}`;
  }
}
