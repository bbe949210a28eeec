import { lstatSync, mkdirSync, renameSync, statSync, unlinkSync } from 'node:fs';
import { dirname } from 'node:path';
import { asUser } from '../as-user.ts';
import { EnvdError, errnoCode, fromErrno } from '../http/errors.ts';
import { rpc, type Rpcs } from '../http/rpc.ts';
import { resolvePath } from '../paths.ts';
import { type Context, requestUser } from '../state.ts';
import type { User } from '../users.ts';
import { readEntry } from './entry.ts';
import { listDirectory } from './list-directory.ts';
import { listRequest, moveRequest, pathRequest } from './messages.ts';
import { runTool } from './run-tool.ts';

const unsupported = async (): Promise<never> => {
  throw new EnvdError('unimplemented', 'watching directories is not supported yet');
};

/** The Filesystem RPCs. All of them act with the rights of the request's user. */
export function filesystemRpcs(context: Context): Rpcs {
  const entryAt = (user: User, path: string) => ({ entry: attempt(user, path, () => readEntry(path, context.users)) });
  const locate = (name: string | undefined, path: string) => {
    const user = requestUser(context, name);
    return { user, path: resolvePath(path, user, context.defaults.workdir) };
  };
  return {
    Stat: rpc.unary(pathRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      return entryAt(user, path);
    }),
    MakeDir: rpc.unary(pathRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      attempt(user, path, () => makeDirectory(path));
      return entryAt(user, path);
    }),
    ListDir: rpc.unary(listRequest, async (request, call) => {
      const { user, path } = locate(call.user, request.path);
      if (request.depth < 0) throw new EnvdError('invalid_argument', 'depth must be at least 1');
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
    WatchDir: rpc.stream(rpc.empty, {}, unsupported),
    CreateWatcher: rpc.unary(rpc.empty, unsupported),
    GetWatcherEvents: rpc.unary(rpc.empty, unsupported),
    RemoveWatcher: rpc.unary(rpc.empty, unsupported),
  };
}

function attempt<Result>(user: User, path: string, action: () => Result): Result {
  try {
    return asUser(user, action);
  } catch (error) {
    throw fromErrno(error, path);
  }
}

function makeDirectory(path: string): void {
  const existing = statSync(path, { throwIfNoEntry: false });
  if (existing?.isDirectory()) throw new EnvdError('already_exists', `directory '${path}' already exists`);
  if (existing) throw new EnvdError('invalid_argument', `path '${path}' exists and is not a directory`);
  mkdirSync(path, { recursive: true });
}

async function move(context: Context, user: User, source: string, destination: string): Promise<void> {
  attempt(user, source, () => lstatSync(source));
  try {
    attempt(user, destination, () => {
      mkdirSync(dirname(destination), { recursive: true });
      renameSync(source, destination);
    });
  } catch (error) {
    // Folders of a lower layer of the root, and other mounts, cannot be renamed: they are copied.
    if (errnoCode(error) !== 'EXDEV') throw error;
    await runTool(context, user, '/bin/mv', ['-fT', '--', source, destination]);
  }
}

async function remove(context: Context, user: User, path: string): Promise<void> {
  const isFolder = attempt(user, path, () => lstatSync(path, { throwIfNoEntry: false })?.isDirectory());
  if (isFolder === undefined) return;
  if (isFolder) return runTool(context, user, '/bin/rm', ['-rf', '--', path]);
  attempt(user, path, () => unlinkSync(path));
}
