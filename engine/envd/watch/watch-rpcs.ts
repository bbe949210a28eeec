import { EnvdError } from '../http/errors.ts';
import { endAtDeadline, type EventStream } from '../http/event-stream.ts';
import { rpc, type RpcCall, type Rpcs } from '../http/rpc.ts';
import { crypto } from '../late-modules.ts';
import type { Context } from '../state.ts';
import { EventQueue } from './event-queue.ts';
import { watcherRequest, type WatchRequest, watchRequest } from './messages.ts';
import { watch } from './watcher.ts';

/** Most watchers to poll that are kept, closed ones included. */
const MAX_KEPT = 1024;

type PolledWatcher = { queue: EventQueue; close: () => void };

/** The Filesystem RPCs that watch folders: as a stream, and by asking again and again. */
export function watchRpcs(context: Context): Rpcs {
  const watchers = new Map<string, PolledWatcher>();
  const find = (id: string): PolledWatcher => {
    const found = watchers.get(id);
    if (!found) throw new EnvdError('not_found', `watcher with id ${id} not found`);
    return found;
  };
  return {
    WatchDir: rpc.stream(watchRequest, { keepalive: {} }, (request, call) => watchStream(context, request, call)),
    CreateWatcher: rpc.unary(watchRequest, async (request, call) => {
      const watcher = await watchForPolls(context, request, call.user);
      // Those that overflowed are closed; their error waits for who may ask, but not in any number.
      if (watchers.size >= MAX_KEPT) watchers.delete([...watchers].find(([, { queue }]) => queue.error)?.[0] ?? '');
      const watcherId = `w${crypto().randomBytes(10).toString('hex')}`;
      watchers.set(watcherId, watcher);
      return { watcherId };
    }),
    GetWatcherEvents: rpc.unary(watcherRequest, async ({ watcherId }) => ({ events: find(watcherId).queue.take() })),
    RemoveWatcher: rpc.unary(watcherRequest, async ({ watcherId }) => {
      find(watcherId).close();
      watchers.delete(watcherId);
      return {};
    }),
  };
}

async function watchForPolls(
  context: Context,
  request: WatchRequest,
  user: string | undefined,
): Promise<PolledWatcher> {
  const queue = new EventQueue(request.includeEntry);
  let close = () => {};
  close = await watch(context, user, request, {
    onEvents: (events) => {
      queue.push(events);
      // Nobody has asked for a long time: it costs nothing from now on.
      if (queue.error) close();
    },
    onError: (error) => {
      queue.fail(error);
      close();
    },
  });
  if (queue.error) close();
  return { queue, close };
}

async function watchStream(context: Context, request: WatchRequest, call: RpcCall): Promise<void> {
  const queue = new EventQueue(request.includeEntry);
  let stream: EventStream | undefined;
  // What the client is slow to take is kept, up to a limit.
  const flush = () => {
    if (queue.error) stream?.end(queue.error);
    else if (stream && !stream.isFull) for (const filesystem of queue.take()) stream.send({ filesystem });
  };
  const close = await watch(context, call.user, request, {
    onEvents: (events) => {
      queue.push(events);
      flush();
    },
    onError: (error) => {
      queue.fail(error);
      flush();
    },
  });
  stream = call.open();
  stream.onClose(close);
  if (!stream.isOpen) return close();
  stream.onClose(endAtDeadline(call, stream, close));
  stream.onDrain(flush);
  stream.send({ start: {} });
  flush();
}
