import { Agent, Pool } from 'undici';

/** No limit on how long an answer or a pause in it takes: agents think, streams last. */
const UNLIMITED = { headersTimeout: 0, bodyTimeout: 0, pipelining: 1 } as const;

/** Connections to the servers in sandboxes. One per running request; streams keep theirs. */
export function sandboxDispatcher(): Agent {
  return new Agent({
    ...UNLIMITED,
    connections: null,
    // Shorter than any server keeps an idle connection: one that is taken up is then seldom being closed.
    keepAliveTimeout: 4000,
    keepAliveMaxTimeout: 30_000,
    connect: { timeout: 5000 },
  });
}

/** Connections to model providers. */
export function providerDispatcher(): Agent {
  return new Agent({
    ...UNLIMITED,
    connections: null,
    keepAliveTimeout: 10_000,
    keepAliveMaxTimeout: 60_000,
    connect: { timeout: 10_000 },
  });
}

/** Connections to the web process over its unix socket. */
export function webDispatcher(socketPath: string): Pool {
  return new Pool('http://web', {
    ...UNLIMITED,
    connections: null,
    keepAliveTimeout: 30_000,
    connect: { socketPath, timeout: 2000 },
  });
}
