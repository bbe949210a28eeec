import { existsSync, lstatSync, unlinkSync } from 'node:fs';
import { connect } from 'node:net';

/** A listener that answers within a second is alive; a socket file without one was left by a process that was killed. */
const PROBE_MILLISECONDS = 1_000;

/**
 * Makes way for a listener on a unix socket: removes the file that a killed process left behind.
 * Throws when the path is taken by something that must not be removed.
 */
export async function clearStaleSocket(path: string): Promise<void> {
  if (!existsSync(path)) return;
  if (!lstatSync(path).isSocket())
    throw new Error(`${path} exists and is not a socket. Move it away or set WEB_SOCKET.`);
  if (await answers(path)) throw new Error(`Another web process already listens on ${path}. Stop it first.`);
  unlinkSync(path);
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path);
    const done = (alive: boolean) => {
      socket.destroy();
      resolve(alive);
    };
    socket.setTimeout(PROBE_MILLISECONDS, () => done(true));
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
  });
}
