import { existsSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { HostError } from '../api/errors.ts';
import { command } from './command.ts';

/** What the engine asks of an OCI runtime: few enough calls for runc, crun, runsc and kata to fit. */
export type OciRuntime = {
  /** Makes the container's namespaces and cgroup; its process waits for `start`. Gives the process id of its init. */
  create(id: string, bundle: string, consoleFile: string): Promise<number>;
  start(id: string): Promise<void>;
  /** Forgets the container, whose processes have ended. No error when there is none. */
  remove(id: string): Promise<void>;
};

/**
 * An OCI runtime with runc's command line.
 * @param root directory of the runtime's own state, so that engines on one machine do not see each other's.
 */
export function createOciRuntime(program: string, root: string): OciRuntime {
  const call = (args: string[], options: Parameters<typeof command>[2] = {}) =>
    command(program, ['--root', root, ...args], options);
  return {
    async create(id, bundle, consoleFile) {
      const pidFile = path.join(bundle, 'pid');
      const logFile = path.join(bundle, 'runtime.log');
      const output = await open(consoleFile, 'a', 0o600);
      try {
        // The container inherits the output streams; pipes would break when the engine ends.
        await call(
          ['--log', logFile, '--log-format', 'text', 'create', '--bundle', bundle, '--pid-file', pidFile, id],
          {
            outputFd: output.fd,
          },
        );
      } catch (error) {
        const log = await readFile(logFile, 'utf8').catch(() => '');
        throw new HostError(`the OCI runtime could not create ${id}: ${log.trim().slice(-600)}`, error);
      } finally {
        await output.close();
      }
      return Number(await readFile(pidFile, 'utf8'));
    },
    async start(id) {
      await call(['start', id]);
    },
    async remove(id) {
      const state = path.join(root, id);
      if (!existsSync(state)) return;
      // A runtime that was killed half-way can leave a state that it does not understand itself. The engine ends the
      // processes and removes the cgroup on its own, so that the state is all that there is to forget: for runc that is
      // its folder.
      if (path.basename(program) !== 'runc') await call(['delete', '--force', id]).catch(() => {});
      await rm(state, { recursive: true, force: true });
    },
  };
}
