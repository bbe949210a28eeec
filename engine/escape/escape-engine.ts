import { writeFileSync } from 'node:fs';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Sandbox } from 'e2b';
import { createCgroups } from '../runtime/cgroup.ts';
import { command } from '../runtime/command.ts';
import { TestEngine } from '../testing/engine.ts';
import type { Weakness } from './weakness.ts';

const WEAKEN = fileURLToPath(new URL('weaken-bundle.ts', import.meta.url));

export type Result = { succeeded: boolean; said: string; stdout: string };
export type As = 'user' | 'root';

/**
 * A real engine whose OCI runtime is runc behind a script that takes single defences from the sandbox that is made next.
 * Nothing in the engine knows of it: the runtime is a setting.
 */
export class EscapeEngine {
  readonly engine: TestEngine;
  readonly #dir: string;
  readonly #weaknessFile: string;
  readonly #weak = new Map<string, Promise<Sandbox>>();
  #last: Promise<unknown> = Promise.resolve();

  private constructor(engine: TestEngine, dir: string, weaknessFile: string) {
    this.engine = engine;
    this.#dir = dir;
    this.#weaknessFile = weaknessFile;
  }

  static async start(env: Record<string, string> = {}): Promise<EscapeEngine> {
    const dir = await mkdtemp(path.join(tmpdir(), 'shmastra-escape-'));
    const weaknessFile = path.join(dir, 'weakness.json');
    const runtime = path.join(dir, 'runtime');
    await writeFile(weaknessFile, '{}');
    await writeFile(
      runtime,
      `#!/bin/sh
case " $* " in *" create "*) '${process.execPath}' '${WEAKEN}' '${weaknessFile}' "$@" || exit 1 ;; esac
exec runc "$@"
`,
    );
    await chmod(runtime, 0o755);
    try {
      const engine = await TestEngine.start({ env: { ENGINE_RUNTIME: runtime, ENGINE_WARM_POOL: '0', ...env } });
      return new EscapeEngine(engine, dir, weaknessFile);
    } catch (error) {
      await rm(dir, { recursive: true, force: true });
      throw error;
    }
  }

  /** A new sandbox, as every user gets it or without single defences. */
  create(weakness: Weakness = {}): Promise<Sandbox> {
    const created = this.#last.then(async () => {
      writeFileSync(this.#weaknessFile, JSON.stringify(weakness));
      const sandbox = await Sandbox.create('base', { ...this.engine.connection, timeoutMs: 600_000 });
      writeFileSync(this.#weaknessFile, '{}');
      if (weakness.userLimits) await this.#setUserLimits(sandbox, weakness.userLimits);
      if (weakness.socketBytes !== undefined) this.#limitSockets(sandbox, weakness.socketBytes);
      return sandbox;
    });
    this.#last = created.catch(() => {});
    return created;
  }

  /** The sandbox without these defences, made when it is asked for first. */
  weak(weakness: Weakness): Promise<Sandbox> {
    const key = JSON.stringify(weakness);
    const known = this.#weak.get(key) ?? this.create(weakness);
    this.#weak.set(key, known);
    return known;
  }

  /** Runs a shell script; it succeeded when it ended with 0. What it said last is the outcome to show. */
  async run(sandbox: Sandbox, script: string, as: As = 'user'): Promise<Result> {
    const result = await sandbox.commands
      .run(script, { user: as, timeoutMs: 60_000 })
      .catch((error: { exitCode?: number; stdout?: string; stderr?: string; message: string }) => error);
    const { stdout = '', stderr = '' } = result;
    const said = `${stdout}\n${stderr}`.trim().split('\n').at(-1)?.trim() ?? '';
    return { succeeded: result.exitCode === 0, said, stdout };
  }

  cgroup(sandbox: Sandbox): string {
    return `/shmastra-${this.engine.instance}/${sandbox.sandboxId}`;
  }

  /** The id on the host of the sandbox's first process. */
  pid(sandbox: Sandbox): number {
    const [pid] = createCgroups().processes(this.cgroup(sandbox));
    if (pid === undefined) throw new Error(`${sandbox.sandboxId} has no processes`);
    return pid;
  }

  /** Runs a program of the host in the network namespace of a sandbox. */
  inNetworkOf(sandbox: Sandbox, script: string): Promise<string> {
    return command('nsenter', [`--net=/proc/${this.pid(sandbox)}/ns/net`, 'sh', '-c', script]);
  }

  async dispose(): Promise<void> {
    await this.engine.dispose();
    await rm(this.#dir, { recursive: true, force: true });
  }

  async #setUserLimits(sandbox: Sandbox, limits: Record<string, number>): Promise<void> {
    const script = Object.entries(limits).map(([name, value]) => `echo ${value} > /proc/sys/user/${name}`);
    await command('nsenter', [`--user=/proc/${this.pid(sandbox)}/ns/user`, 'sh', '-ec', script.join('\n')]);
  }

  #limitSockets(sandbox: Sandbox, bytes: number): void {
    writeFileSync(`/sys/fs/cgroup/memory${this.cgroup(sandbox)}/memory.kmem.tcp.limit_in_bytes`, String(bytes));
  }
}
