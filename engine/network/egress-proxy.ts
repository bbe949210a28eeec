import { resolve4 } from 'node:dns/promises';
import { connect, createServer, isIPv4, type AddressInfo, type Server, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from 'pino';
import { httpHostname, MAX_HEAD_BYTES, tlsHostname, type FindHostname } from './hostname.ts';
import { matchesDomain } from './policy.ts';

/** From the accept to the name, from the name to its addresses, and from there to the connection. */
const STEP_TIMEOUT_MS = 10_000;
/** Connections of one sandbox at once: each costs this process two descriptors. */
const MAX_PER_SANDBOX = 256;
/** Pieces that what names the host may come in: after each of them all that has come is looked through. */
const MAX_PIECES = 128;
/** Addresses of a name that are tried, one after the other. */
const MAX_ADDRESSES = 4;

export type EgressProxyParts = {
  /** The domains that the sandbox with this address may reach; none: it has no business here. */
  domainsOf(address: string): string[];
  /** Whether the engine's own rules let sandboxes reach it. */
  mayReach(address: string, port: number): boolean;
  resolve?(name: string): Promise<string[]>;
  log: Logger;
};

export type EgressProxy = {
  /** Where the packet filter sends connections for ports 80 and 443. */
  ports: { http: number; tls: number };
  /** Ends the connections of a sandbox that its domains do not allow (any more). */
  recheck(address: string): void;
  close(): void;
};

/**
 * Decides by name: connections of sandboxes that may reach some domains only are sent here by the packet filter. It reads
 * the name that the client asks for, and connects to that name's addresses as this host finds them: whatever address the
 * sandbox took the name for has no effect.
 */
export async function createEgressProxy(host: string, parts: EgressProxyParts): Promise<EgressProxy> {
  const open = new Map<string, Set<Connection>>();
  const accept = (port: number, find: FindHostname) => (client: Socket) => {
    client.on('error', () => client.destroy());
    const from = client.remoteAddress?.replace(/^::ffff:/, '') ?? '';
    const connections = open.get(from) ?? new Set();
    if (connections.size >= MAX_PER_SANDBOX || parts.domainsOf(from).length === 0) return client.destroy();
    const connection = { client, hostname: null };
    open.set(from, connections.add(connection));
    client.once('close', () => {
      connections.delete(connection);
      if (connections.size === 0) open.delete(from);
    });
    return serve(parts, connection, from, port, find).catch((error: unknown) => {
      parts.log.debug({ sandbox: from, hostname: connection.hostname, err: error }, 'a connection by name failed');
      client.destroy();
    });
  };
  const [http, tls] = await Promise.all([
    listen(host, accept(80, httpHostname)),
    listen(host, accept(443, tlsHostname)),
  ]);
  return {
    ports: { http: portOf(http), tls: portOf(tls) },
    recheck(address) {
      const domains = parts.domainsOf(address);
      for (const { client, hostname } of open.get(address) ?? []) {
        if (hostname === null || !matchesDomain(hostname, domains)) client.destroy();
      }
    },
    close() {
      for (const server of [http, tls]) server.close();
      for (const connections of open.values()) for (const { client } of connections) client.destroy();
    },
  };
}

type Connection = { client: Socket; hostname: string | null };

async function serve(
  parts: EgressProxyParts,
  connection: Connection,
  from: string,
  port: number,
  find: FindHostname,
): Promise<void> {
  const { client } = connection;
  const { hostname, head } = await readHead(client, find);
  if (hostname === null || !matchesDomain(hostname, parts.domainsOf(from))) {
    parts.log.debug({ sandbox: from, hostname, port }, 'a connection was refused by its name');
    return void client.destroy();
  }
  connection.hostname = hostname;
  const addresses = isIPv4(hostname) ? [hostname] : await withTimeout((parts.resolve ?? resolve4)(hostname));
  const upstream = await dial(
    addresses.filter((address) => parts.mayReach(address, port)),
    port,
  );
  upstream.on('error', () => upstream.destroy());
  upstream.once('close', () => client.destroy());
  client.once('close', () => upstream.destroy());
  // Its rules may have changed while the name was looked up.
  if (client.destroyed || !matchesDomain(hostname, parts.domainsOf(from))) return void upstream.destroy();
  upstream.write(head);
  client.pipe(upstream).pipe(client);
}

/** Reads until the name is known, which is null when the client does not tell one. */
function readHead(client: Socket, find: FindHostname): Promise<{ hostname: string | null; head: Buffer }> {
  return new Promise((resolve, reject) => {
    let head = Buffer.alloc(0);
    let pieces = 0;
    const timer = setTimeout(() => client.destroy(), STEP_TIMEOUT_MS);
    const closed = () => reject(new Error('closed before it named a host'));
    const read = (chunk: Buffer) => {
      head = Buffer.concat([head, chunk]);
      const found = find(head);
      pieces += 1;
      if (found === undefined && head.length < MAX_HEAD_BYTES && pieces < MAX_PIECES) return;
      clearTimeout(timer);
      client.pause();
      client.off('data', read).off('close', closed);
      resolve({ hostname: found ?? null, head });
    };
    client.on('data', read);
    client.once('close', () => clearTimeout(timer));
    client.once('close', closed);
  });
}

/** @throws the last address's error */
async function dial(addresses: string[], port: number): Promise<Socket> {
  let problem: unknown = new Error('no address of this name may be reached');
  for (const address of addresses.slice(0, MAX_ADDRESSES)) {
    try {
      return await connectTo(address, port);
    } catch (error) {
      problem = error;
    }
  }
  throw problem;
}

function connectTo(host: string, port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host, port, noDelay: true, keepAlive: true, allowHalfOpen: true });
    socket.setTimeout(STEP_TIMEOUT_MS, () => socket.destroy(new Error('connecting took too long')));
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.setTimeout(0);
      socket.off('error', reject);
      resolve(socket);
    });
  });
}

async function withTimeout<T>(promise: Promise<T>): Promise<T> {
  const timer = new AbortController();
  const late = sleep(STEP_TIMEOUT_MS, undefined, { ref: false, signal: timer.signal });
  try {
    return await Promise.race([
      promise,
      late.then(() => {
        throw new Error('the name did not resolve in time');
      }),
    ]);
  } finally {
    late.catch(() => {});
    timer.abort();
  }
}

function listen(host: string, accept: (client: Socket) => unknown): Promise<Server> {
  return new Promise((resolve, reject) => {
    const server = createServer({ noDelay: true, keepAlive: true, allowHalfOpen: true }, accept);
    server.once('error', reject);
    server.listen(0, host, () => resolve(server));
  });
}

function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}
