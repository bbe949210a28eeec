import { afterActive } from '../active-timer.ts';
import { EnvdError } from '../http/errors.ts';
import type { Selector } from './messages.ts';
import type { RunningProcess } from './running-process.ts';

/** How long an ended command can still be connected to, in ms. */
const KEEP_ENDED_MS = 30_000;

/** The commands that run, and for a while those that have ended. */
export class ProcessTable {
  readonly #processes = new Map<number, RunningProcess>();

  add(process: RunningProcess): void {
    this.#processes.set(process.pid, process);
    void process.ended.then(() =>
      afterActive(KEEP_ENDED_MS, () => {
        // The kernel may have given the pid to a newer command.
        if (this.#processes.get(process.pid) === process) this.#processes.delete(process.pid);
      }),
    );
  }

  running(): RunningProcess[] {
    return [...this.#processes.values()].filter((process) => !process.hasEnded);
  }

  /** @throws EnvdError not_found, also for a command that ended more than 30 s ago. */
  find(selector: Selector): RunningProcess {
    const { pid, tag } = selector;
    const all = [...this.#processes.values()];
    const found =
      pid === undefined
        ? (this.running().find((process) => process.tag === tag) ?? all.findLast((process) => process.tag === tag))
        : this.#processes.get(pid);
    if (found && (pid !== undefined || tag !== undefined)) return found;
    throw new EnvdError('not_found', `process with ${pid === undefined ? `tag '${tag}'` : `pid ${pid}`} not found`);
  }

  /** @throws EnvdError not_found, also for a command that has ended. */
  findRunning(selector: Selector): RunningProcess {
    const found = this.find(selector);
    if (found.hasEnded) throw new EnvdError('not_found', `process with pid ${found.pid} not found: it has ended`);
    return found;
  }
}
