import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';

export type GitOptions = {
  input?: string | Buffer;
  /** What git may write to stdout before it is ended. */
  maxBytes?: number;
  timeoutMs?: number;
  /** Names to use instead of the repository's index, and the like. */
  env?: Record<string, string>;
  /** Exit codes that are an answer rather than a failure, besides 0. */
  allowed?: number[];
  /** Whether output that is too long is cut off, rather than a failure. */
  truncate?: boolean;
};

export type GitResult = { code: number; stdout: Buffer; stderr: string; truncated: boolean };

const MAX_BYTES = 16 * 1024 * 1024;
const MAX_ERROR_BYTES = 8 * 1024;
const TIMEOUT_MS = 60_000;
const STREAM_TIMEOUT_MS = 10 * 60_000;

/** Settings of a repository that would run programs, or change what plain commands do. */
const SETTINGS = [
  'core.hooksPath=/dev/null',
  'core.fsmonitor=false',
  'core.autocrlf=false',
  'core.pager=cat',
  'core.sparseCheckout=false',
  'commit.gpgSign=false',
  'log.showSignature=false',
  'diff.ignoreSubmodules=dirty',
  'submodule.recurse=false',
  'advice.addEmbeddedRepo=false',
  'gc.recentObjectsHook=',
  'i18n.commitEncoding=UTF-8',
  'i18n.logOutputEncoding=UTF-8',
  // A machine that stops loses nothing that was said to be committed.
  'core.fsync=committed,reference',
  'core.fsyncMethod=batch',
].flatMap((setting) => ['-c', setting]);

/** Git ran and failed, or ran for too long or with too much output. */
export class GitError extends Error {
  readonly code: number | undefined;
  readonly stderr: string;

  constructor(command: string, code: number | undefined, stderr: string) {
    super(`git ${command} failed${code === undefined ? '' : ` with exit code ${code}`}: ${stderr.trim()}`);
    this.name = 'GitError';
    this.code = code;
    this.stderr = stderr;
  }
}

/**
 * Runs git on the project's repository. What the repository's own configuration says about hooks, filters, signatures
 * and other programs is switched off: the code in there is nobody's to trust, and a hook that hangs must not stop a turn.
 */
export class Git {
  readonly gitDir: string;
  readonly #workTree: string;
  #filters: string[] = [];
  #knownConfig: string | undefined;

  /** `workTree` is where the files are: the project, or a copy whose files are to become objects of the repository. */
  constructor(workTree: string, gitDir = join(workTree, '.git')) {
    this.#workTree = workTree;
    this.gitDir = gitDir;
  }

  /** Finds out which filters the repository names, so that they can be left out. Comes before anything that reads or writes files. */
  async disarm(): Promise<void> {
    const config = await readFile(join(this.gitDir, 'config'), 'utf8').catch(() => undefined);
    if (config !== undefined && config === this.#knownConfig && !/^\s*\[include/im.test(config)) return;
    this.#knownConfig = config;
    const found = await this.run(['config', '--includes', '--name-only', '-z', '--get-regexp', '^filter[.]'], {
      allowed: [1],
    });
    const names = new Set<string>();
    for (const key of found.stdout.toString('utf8').split('\0')) {
      const name = /^filter\.(.+)\.[^.]+$/s.exec(key)?.[1];
      if (name !== undefined) names.add(name);
    }
    this.#filters = [...names].flatMap((name) =>
      ['clean=', 'smudge=', 'process=', 'required=false'].flatMap((setting) => ['-c', `filter.${name}.${setting}`]),
    );
  }

  /** Stdout as text, without the newline at its end. */
  async text(args: string[], options?: GitOptions): Promise<string> {
    return (await this.run(args, options)).stdout.toString('utf8').replace(/\n$/, '');
  }

  /**
   * Output of any length, as it comes; `input` is what git reads meanwhile. The stream fails when git does, or when it
   * takes too long; leaving it early ends git.
   */
  stream(
    args: string[],
    { input, timeoutMs = STREAM_TIMEOUT_MS }: { input?: string | Buffer; timeoutMs?: number } = {},
  ): Readable {
    const child = this.#start(args, {});
    let stderr = '';
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (stderr.length < MAX_ERROR_BYTES) stderr += text;
    });
    const output = new PassThrough();
    child.stdout.pipe(output, { end: false });
    const timer = setTimeout(() => child.kill('SIGTERM'), timeoutMs);
    const fail = (code: number | undefined, why: string) => output.destroy(new GitError(args[0] ?? '', code, why));
    child.once('error', (error) => fail(undefined, error.message));
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (code === 0) output.end();
      else fail(code ?? undefined, signal === null ? stderr : 'it was ended');
    });
    output.once('close', () => child.kill('SIGTERM'));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    return output;
  }

  run(args: string[], options: GitOptions = {}): Promise<GitResult> {
    const { input, maxBytes = MAX_BYTES, timeoutMs = TIMEOUT_MS, env = {}, allowed = [], truncate = false } = options;
    const command = args[0] ?? '';
    return new Promise((resolve, reject) => {
      const child = this.#start(args, env);
      const chunks: Buffer[] = [];
      let bytes = 0;
      let stderr = '';
      let truncated = false;
      let late = false;
      // SIGTERM, since git then removes its lock.
      const timer = setTimeout(() => {
        late = true;
        child.kill('SIGTERM');
      }, timeoutMs);
      child.stdout.on('data', (chunk: Buffer) => {
        if (truncated) return;
        bytes += chunk.length;
        if (bytes <= maxBytes) {
          chunks.push(chunk);
          return;
        }
        truncated = true;
        chunks.push(chunk.subarray(0, chunk.length - (bytes - maxBytes)));
        child.kill('SIGTERM');
      });
      child.stderr.setEncoding('utf8').on('data', (text: string) => {
        if (stderr.length < MAX_ERROR_BYTES) stderr += text;
      });
      child.once('error', (error) => {
        clearTimeout(timer);
        reject(new GitError(command, undefined, `git could not be started: ${error.message}`));
      });
      child.once('close', (code) => {
        clearTimeout(timer);
        if (late) reject(new GitError(command, undefined, `it took longer than ${timeoutMs / 1000} s`));
        else if (truncated && !truncate)
          reject(new GitError(command, undefined, `it wrote more than ${maxBytes} bytes`));
        else if (!truncated && code !== 0 && !allowed.includes(code ?? -1)) {
          reject(new GitError(command, code ?? undefined, stderr));
        } else resolve({ code: code ?? 0, stdout: Buffer.concat(chunks), stderr, truncated });
      });
      // Git may end before it has read all of it.
      child.stdin.on('error', () => {});
      child.stdin.end(input);
    });
  }

  #start(args: string[], env: Record<string, string>): ChildProcessWithoutNullStreams {
    const own = ['--git-dir', this.gitDir, '--work-tree', this.#workTree, '--literal-pathspecs', '--no-pager'];
    return spawn('git', [...own, ...SETTINGS, ...this.#filters, ...args], {
      cwd: this.#workTree,
      env: { ...environment(), ...env },
    });
  }
}

/** None of the person's own configuration, no questions, and messages in the language that is looked for. */
function environment(): NodeJS.ProcessEnv {
  return {
    PATH: process.env.PATH,
    HOME: process.env.HOME,
    LC_ALL: 'C.UTF-8',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_ATTR_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_ALLOW_PROTOCOL: 'file',
    GIT_NO_LAZY_FETCH: '1',
    GIT_EDITOR: 'false',
  };
}
