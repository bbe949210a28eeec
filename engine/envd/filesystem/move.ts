import { lstatSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { asUser } from '../access/as-user.ts';
import { makeFolders } from '../access/make-folders.ts';
import { isRoots, type Pin, pin, UntrustedLinkError } from '../access/pin.ts';
import { canBeRoot, reach } from '../access/reach.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import type { Context } from '../state.ts';
import type { User } from '../users.ts';
import { runTool } from './run-tool.ts';

/**
 * Renames `source` to `destination` over what is there; makes the folders above the destination.
 * @throws EnvdError not_found for the source
 */
export async function move(context: Context, user: User, source: string, destination: string): Promise<void> {
  try {
    makeFolders(dirname(destination), user);
  } catch (error) {
    throw fromErrno(error, dirname(destination));
  }
  try {
    reach(user, source, 'keep', (place) => void lstatSync(place.path));
  } catch (error) {
    if (errnoCode(error) === 'ENOENT') throw new EnvdError('not_found', `source file not found: ${source}`);
    throw fromErrno(error, source);
  }
  try {
    await moveAsUser(context, user, source, destination);
  } catch (error) {
    if (!isDenied(error) || !canBeRoot(user)) throw fromErrno(error, destination);
    await moveAsRoot(context, source, destination, error);
  }
}

const isDenied = (error: unknown) =>
  ['EACCES', 'EPERM'].includes(errnoCode(error) ?? '') ||
  (error instanceof EnvdError && error.code === 'permission_denied');

async function moveAsUser(context: Context, user: User, source: string, destination: string): Promise<void> {
  try {
    asUser(user, () => renameSync(source, destination));
  } catch (error) {
    // Folders of a lower layer of the root, and other mounts, cannot be renamed: they are copied.
    if (errnoCode(error) !== 'EXDEV') throw error;
    await runTool(context, user, '/bin/mv', ['-fT', '--', source, destination]);
  }
}

/**
 * Copying a tree takes time and looks up its folders by their names again and again: where others than root can exchange
 * them for links meanwhile, root would read or write at the other end of those.
 */
function requireOnlyRootChanges(from: Pin, to: Pin, denied: unknown): void {
  const stat = lstatSync(from.path);
  if (!stat.isDirectory()) return;
  if (!from.isProtected || !to.isProtected || !isRoots(stat)) throw denied;
}

async function moveAsRoot(context: Context, source: string, destination: string, denied: unknown): Promise<void> {
  const pins: Pin[] = [];
  try {
    const [from, to] = [pin(source, 'keep'), pin(destination, 'keep')].map((place) => (pins.push(place), place));
    if (!from || !to) throw denied;
    try {
      renameSync(from.path, to.path);
    } catch (error) {
      if (errnoCode(error) !== 'EXDEV') throw error;
      requireOnlyRootChanges(from, to, denied);
      const root = context.users.find('root');
      const paths = [`/proc/self/fd/3/${from.name}`, `/proc/self/fd/4/${to.name}`];
      await runTool(context, root, '/bin/mv', ['-fT', '--', ...paths], [from.folder, to.folder]);
    }
  } catch (error) {
    throw fromErrno(error instanceof UntrustedLinkError ? denied : error, destination);
  } finally {
    for (const place of pins) place.close();
  }
}
