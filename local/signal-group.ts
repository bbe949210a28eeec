import { type ProcessIdentity, isRunning } from './identity.ts';

/** Signals a process and its children (each of ours leads a group of its own). Nothing happens when it is gone. */
export function signalGroup(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isRunning(identity)) return;
  try {
    process.kill(signal === 'SIGKILL' ? -identity.pid : identity.pid, signal);
  } catch {
    // Gone meanwhile, or not the leader of its group.
    try {
      process.kill(identity.pid, signal);
    } catch {
      return;
    }
  }
}
