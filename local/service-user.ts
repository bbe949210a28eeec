import { readFile, stat } from 'node:fs/promises';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';

export const SERVICE_USER = 'shmastra';

export type User = { uid: number; gid: number };

/** A user of /etc/passwd by name; null when there is none. */
export function parseUser(passwd: string, name: string): User | null {
  const fields = passwd
    .split('\n')
    .map((line) => line.split(':'))
    .find((line) => line[0] === name);
  const [uid, gid] = [Number(fields?.[2]), Number(fields?.[3])];
  return fields && Number.isInteger(uid) && Number.isInteger(gid) ? { uid, gid } : null;
}

/** The user that everything but the engine runs as: a system user without home, password and shell. */
export async function ensureServiceUser(): Promise<User> {
  const existing = await findServiceUser();
  if (existing) return existing;
  const { code, output } = await run('useradd', [
    ...['--system', '--user-group', '--no-create-home', '--home-dir', '/nonexistent'],
    ...['--shell', '/usr/sbin/nologin', '--comment', 'Shmastra Cloud', SERVICE_USER],
  ]);
  const made = await findServiceUser();
  if (made) return made;
  throw new StartError(`The user ${SERVICE_USER} could not be made.`, {
    why: `useradd ended with code ${code}`,
    output,
    next: `make it by hand: useradd --system --user-group --shell /usr/sbin/nologin ${SERVICE_USER}`,
  });
}

/** Gives a folder to the service user with all that is in it: its id may be another one after a reinstallation. */
export async function giveTo(folder: string, user: User): Promise<void> {
  const { uid, gid } = await stat(folder);
  if (uid === user.uid && gid === user.gid) return;
  const { code, output } = await run('chown', ['-R', '-h', `${user.uid}:${user.gid}`, folder]);
  if (code !== 0)
    throw new StartError(`${folder} could not be given to the user ${SERVICE_USER}.`, { why: output.trim() });
}

export async function findServiceUser(): Promise<User | null> {
  return parseUser(await readFile('/etc/passwd', 'utf8'), SERVICE_USER);
}
