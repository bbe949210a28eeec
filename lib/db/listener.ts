import pg from 'pg';

export type Unlisten = () => void;

export type Listener = {
  /**
   * Calls `onMessage` with the payload of each NOTIFY on the channel. `onReconnect` is called each time that the
   * connection is there again after a loss, and when it is there the first time: messages may have been missed.
   * Returns at once, and never throws: while Postgres is away the caller lives from its own time limits.
   */
  listen(channel: string, onMessage: (payload: string) => void, onReconnect?: () => void): Unlisten;
  close(): Promise<void>;
};

type Subscription = { onMessage: (payload: string) => void; onReconnect: (() => void) | undefined };

const FIRST_BACKOFF_MS = 50;
const MAX_BACKOFF_MS = 2_000;
/** A dead peer that sends no FIN is noticed by this question. */
const HEARTBEAT_MS = 10_000;
const QUERY_TIMEOUT_MS = 5_000;

/** One connection that listens on all channels of a process and reconnects by itself. Opened at the first listen. */
export function createListener(url: string, name: string, onError: (error: Error) => void): Listener {
  const channels = new Map<string, Set<Subscription>>();
  let client: pg.Client | undefined;
  let connected = false;
  let closed = false;
  let failures = 0;
  let timer: NodeJS.Timeout | undefined;
  let asked: Promise<unknown> = Promise.resolve();

  /** One question at a time: the driver will not take another while it waits for an answer. */
  function ask(on: pg.Client, text: string): Promise<unknown> {
    const answer = asked.then(() => on.query(text));
    asked = answer.catch(() => {});
    return answer;
  }

  function connect(): void {
    const next = new pg.Client({
      connectionString: url,
      application_name: name,
      keepAlive: true,
      connectionTimeoutMillis: QUERY_TIMEOUT_MS,
      query_timeout: QUERY_TIMEOUT_MS,
    });
    client = next;
    asked = Promise.resolve();
    next.on('error', (error) => lost(next, error));
    next.on('end', () => lost(next, new Error('The listening connection ended.')));
    next.on('notification', ({ channel, payload }) => {
      for (const { onMessage } of channels.get(channel) ?? []) onMessage(payload ?? '');
    });
    void start(next);
  }

  async function start(next: pg.Client): Promise<void> {
    try {
      await next.connect();
      await listenToAll(next);
    } catch (error) {
      lost(next, error instanceof Error ? error : new Error(String(error)));
    }
    if (client !== next) return;
    connected = true;
    failures = 0;
    for (const { onReconnect } of [...channels.values()].flatMap((all) => [...all])) onReconnect?.();
    beat(next);
  }

  /** Also to channels that are added while it connects. */
  async function listenToAll(next: pg.Client): Promise<void> {
    const done = new Set<string>();
    for (let missing = [...channels.keys()]; missing.length > 0;) {
      await ask(next, missing.map((channel) => `listen ${quoted(channel)};`).join('\n'));
      for (const channel of missing) done.add(channel);
      missing = [...channels.keys()].filter((channel) => !done.has(channel));
    }
  }

  function beat(current: pg.Client): void {
    timer = setTimeout(() => {
      ask(current, 'select 1').then(
        () => client === current && beat(current),
        (error: Error) => lost(current, error),
      );
    }, HEARTBEAT_MS);
    timer.unref();
  }

  function lost(old: pg.Client, error: Error): void {
    if (client !== old) return;
    clearTimeout(timer);
    client = undefined;
    connected = false;
    old.end().catch(() => {});
    if (closed) return;
    onError(error);
    timer = setTimeout(connect, Math.min(MAX_BACKOFF_MS, FIRST_BACKOFF_MS * 2 ** failures++));
    timer.unref();
  }

  function listen(channel: string, onMessage: (payload: string) => void, onReconnect?: () => void): Unlisten {
    const subscription = { onMessage, onReconnect };
    const all = channels.get(channel) ?? new Set();
    channels.set(channel, all.add(subscription));
    if (all.size === 1 && connected) void command(`listen ${quoted(channel)}`, onReconnect);
    else if (!client && !timer && !closed) connect();
    return () => {
      all.delete(subscription);
      if (all.size > 0 || channels.get(channel) !== all) return;
      channels.delete(channel);
      if (connected) void command(`unlisten ${quoted(channel)}`);
    };
  }

  async function command(text: string, done?: () => void): Promise<void> {
    const current = client;
    if (!current) return;
    try {
      await ask(current, text);
      done?.();
    } catch (error) {
      lost(current, error instanceof Error ? error : new Error(String(error)));
    }
  }

  async function close(): Promise<void> {
    closed = true;
    clearTimeout(timer);
    const last = client;
    client = undefined;
    channels.clear();
    await last?.end().catch(() => {});
  }

  return { listen, close };
}

function quoted(channel: string): string {
  return pg.escapeIdentifier(channel);
}
