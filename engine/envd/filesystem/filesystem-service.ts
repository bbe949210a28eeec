import { lstatSync, type Stats, statSync } from 'node:fs';
import { makeFolders } from '../access/make-folders.ts';
import { type Place, reach } from '../access/reach.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import { rpc, type Rpcs } from '../http/rpc.ts';
import { resolvePath } from '../paths.ts';
import { type Context, requestUser } from '../state.ts';
import type { User } from '../users.ts';
import { watchRpcs } from '../watch/watch-rpcs.ts';
import { readEntry } from './entry.ts';
import { listDirectory } from './list-directory.ts';
import { listRequest, moveRequest, pathRequest } from './messages.ts';
import { move } from './move.ts';
import { remove } from './remove.ts';

/** The Filesystem RPCs. */
export function filesystemRpcs(context: Context): Rpcs {
  const locate = (name: string | undefined, path: string) => {
    const user = requestUser(context, name);
    return { user, path: resolvePath(path, user, context.defaults.workdir) };
  };
  const entryAt = (user: User, path: string) => {
    const read = (place: Place) => readEntry(place, path, user, context.users);
    return { entry: attempt(path, () => reach(user, path, 'keep', read)) };
  };
  return {
    Stat: rpc.unary(pathRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      return entryAt(user, path);
    }),
    MakeDir: rpc.unary(pathRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      attempt(path, () => makeDirectory(path, user));
      return entryAt(user, path);
    }),
    ListDir: rpc.unary(listRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      try {
        return { entries: await listDirectory(path, request.depth || 1, user, context.users) };
      } catch (error) {
        throw fromErrno(error, path);
      }
    }),
    Move: rpc.unary(moveRequest, async (request, call) => {
      const { user, path: source } = locate(call.user, request.source);
      const { path: destination } = locate(call.user, request.destination);
      await move(context, user, source, destination);
      return entryAt(user, destination);
    }),
    Remove: rpc.unary(pathRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      await remove(context, user, path);
      return {};
    }),
    ...watchRpcs(context),
  };
}

function attempt<Result>(path: string, action: () => Result): Result {
  try {
    return action();
  } catch (error) {
    throw fromErrno(error, path);
  }
}

function makeDirectory(path: string, user: User): void {
  const existing = statExisting(path, user);
  if (existing?.isDirectory()) throw new EnvdError('already_exists', `directory already exists: ${path}`);
  if (existing) throw new EnvdError('invalid_argument', `path already exists but it is not a directory: ${path}`);
  makeFolders(path, user);
}

function statExisting(path: string, user: User): Stats | undefined {
  try {
    return reach(user, path, 'follow', (place) => {
      const find = place.asRoot ? lstatSync : statSync;
      return find(place.path, { throwIfNoEntry: false });
    });
  } catch (error) {
    // A folder above is missing, too.
    if (errnoCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}
