import path from 'node:path';
import type { Box } from './box.ts';
import { controlPlaneEnvironment, demoModelEnvironment, engineEnvironment } from './environment.ts';
import { status } from './probe.ts';
import type { ServiceSpec } from './service.ts';

/** A worker listens nowhere: it counts as started when it has not ended by then. */
const WORKER_STARTS_MS = 1_500;

function nodeService(
  box: Box,
  name: string,
  file: string,
): Pick<ServiceSpec, 'name' | 'command' | 'args' | 'cwd' | 'user'> {
  return { name, command: box.node, args: [path.join(box.app, file)], cwd: box.app, user: box.user };
}

/** Without it V8 lets the engine grow by 100 MiB under load, of objects that are gone by the next request. */
const ENGINE_FLAGS = ['--max-semi-space-size=4'];

/**
 * The same for the front, whose requests leave much behind that is gone at once: 200 MB are to be enough for it. With 8 MiB
 * it spends a tenth less of its time on collecting than with 4. V8 lets a heap grow the less before it collects, the less
 * it may have; what lives in the front's is some 60 MB.
 */
export const FRONT_FLAGS = ['--max-semi-space-size=8', '--max-old-space-size=384'];
/** With an arena for each of Node's threads the C library kept 30 MB more of what the front had given back. */
export const FRONT_ENVIRONMENT = { MALLOC_ARENA_MAX: '1' };

/** The engine: the one part that runs as root. */
export function engineService(box: Box): ServiceSpec {
  const service = nodeService(box, 'engine', 'engine/daemon.ts');
  return {
    ...service,
    args: [...ENGINE_FLAGS, ...service.args],
    user: undefined,
    env: engineEnvironment(box),
    // Its first answer comes after it has taken over the sandboxes of the last run.
    readyMs: 120_000,
    ready: async () => (await status({ host: '127.0.0.1', port: box.secrets.ports.engine, path: '/health' })) === 200,
    stopMs: 30_000,
  };
}

export function demoModelService(box: Box): ServiceSpec {
  return {
    ...nodeService(box, 'demo-model', 'local/demo-model/main.ts'),
    env: demoModelEnvironment(box),
    ready: async () =>
      (await status({ host: '127.0.0.1', port: box.secrets.ports.demoModel, path: '/health' })) === 200,
  };
}

export function webService(box: Box, engineKey: string): ServiceSpec {
  const socketPath = path.join(box.sockets, 'web.sock');
  return {
    ...nodeService(box, 'web', 'server/web.ts'),
    env: controlPlaneEnvironment(box, engineKey),
    ready: async () => (await status({ socketPath, path: '/sign-in' })) === 200,
  };
}

export function frontService(box: Box, engineKey: string): ServiceSpec {
  const service = nodeService(box, 'front', 'server/front.ts');
  return {
    ...service,
    args: [...FRONT_FLAGS, ...service.args],
    env: { ...controlPlaneEnvironment(box, engineKey), ...FRONT_ENVIRONMENT },
    // Any answer: whether a user could sign in is asked once everything runs.
    ready: async () => (await status({ host: localAddress(box.host), port: box.port, path: '/health' })) !== null,
  };
}

export function workerService(box: Box, engineKey: string): ServiceSpec {
  return {
    ...nodeService(box, 'worker', 'server/worker.ts'),
    env: controlPlaneEnvironment(box, engineKey),
    ready: async (sinceMs) => sinceMs > WORKER_STARTS_MS,
  };
}

/** Where this machine reaches a listener that may be bound to every address. */
export function localAddress(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1';
  return host === '::' ? '::1' : host;
}
