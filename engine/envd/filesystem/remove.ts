import { lstatSync, unlinkSync } from 'node:fs';
import { pin, UntrustedLinkError } from '../access/pin.ts';
import { canBeRoot, reach } from '../access/reach.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import type { Context } from '../state.ts';
import type { User } from '../users.ts';
import { runTool } from './run-tool.ts';

/** Removes a file, or a folder with all that is in it; a link, not what it points to. Nothing there is no error. */
export async function remove(context: Context, user: User, path: string): Promise<void> {
  try {
    const isFolder = reach(user, path, 'keep', (place) => {
      const stat = lstatSync(place.path, { throwIfNoEntry: false });
      if (stat && !stat.isDirectory()) unlinkSync(place.path);
      return stat?.isDirectory() === true;
    });
    if (isFolder) await removeFolder(context, user, path);
  } catch (error) {
    if (errnoCode(error) !== 'ENOENT' && errnoCode(error) !== 'ENOTDIR') throw fromErrno(error, path);
  }
}

async function removeFolder(context: Context, user: User, path: string): Promise<void> {
  try {
    await runTool(context, user, '/bin/rm', ['-rf', '--', path]);
  } catch (error) {
    if (!canBeRoot(user) || !(error instanceof EnvdError) || error.code !== 'permission_denied') throw error;
    await removeAsRoot(context, path, error);
  }
}

async function removeAsRoot(context: Context, path: string, denied: unknown): Promise<void> {
  let place;
  try {
    place = pin(path, 'keep');
    const root = context.users.find('root');
    await runTool(context, root, '/bin/rm', ['-rf', '--', `/proc/self/fd/3/${place.name}`], [place.folder]);
  } catch (error) {
    throw error instanceof UntrustedLinkError ? denied : error;
  } finally {
    place?.close();
  }
}
