import { posix } from 'node:path';
import { EnvdError, errnoCode } from '../http/errors.ts';
import { resolvePath } from '../paths.ts';
import { type Context, requestUser } from '../state.ts';
import type { EventType, FilesystemEvent, WatchRequest } from './messages.ts';
import { readEntries, requireWatchable } from './watch-path.ts';
import { WatchedTree } from './watched-tree.ts';

/** Most watchers at a time. */
const MAX_WATCHERS = 256;

/** What is still there after it: the entry of a removed or renamed one could be another's by now. */
const WITH_ENTRY = new Set<EventType>(['EVENT_TYPE_CREATE', 'EVENT_TYPE_WRITE', 'EVENT_TYPE_CHMOD']);

let open = 0;

export type WatcherEvents = {
  onEvents: (events: FilesystemEvent[]) => void;
  /** The watcher is closed. */
  onError: (error: EnvdError) => void;
};

/**
 * Watches a folder for a caller until the returned function is called.
 * @throws EnvdError not_found, invalid_argument, resource_exhausted, internal
 */
export async function watch(
  context: Context,
  userName: string | undefined,
  request: WatchRequest,
  { onEvents, onError }: WatcherEvents,
): Promise<() => void> {
  const user = requestUser(context, userName);
  const path = resolvePath(request.path, user, context.defaults.workdir);
  requireWatchable(path, user, request.allowNetworkMounts);
  if (open >= MAX_WATCHERS) throw new EnvdError('resource_exhausted', `more than ${MAX_WATCHERS} watchers`);
  const tree = new WatchedTree({
    path,
    user,
    recursive: request.recursive,
    onEvents: (events) => {
      if (!request.includeEntry) return onEvents(events);
      const located = events.map((event) => ({ event, place: posix.join(path, event.name) }));
      const wanted = located.filter(({ event }) => WITH_ENTRY.has(event.type)).map(({ place }) => place);
      const entries = readEntries(new Set(wanted), user, context.users);
      onEvents(
        located.map(({ event, place }) => {
          const entry = WITH_ENTRY.has(event.type) ? entries.get(place) : undefined;
          return entry ? { ...event, entry } : event;
        }),
      );
    },
    onError: (message) => onError(new EnvdError('internal', `watcher error: ${message}`)),
  });
  open += 1;
  try {
    await tree.start();
  } catch (error) {
    open -= 1;
    if (error instanceof EnvdError) throw error;
    throw new EnvdError('internal', `error adding path ${path} to watcher: ${errnoCode(error) ?? 'failed'}`);
  }
  let isOpen = true;
  return () => {
    if (!isOpen) return;
    isOpen = false;
    open -= 1;
    tree.close();
  };
}
