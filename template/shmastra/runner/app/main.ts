import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { FromApp, ToApp } from '../messages.ts';
import { AppServer } from './app-server.ts';
import { keepChannelsClosed, makeChannelsLeavable } from './belongings.ts';
import { guardLoad } from './load-guard.ts';
import { adjustModelRegistry } from './model-registry.ts';
import { loadMastra } from './project-modules.ts';
import { RestartNeeded, SharedInstances } from './share-instances.ts';
import { describeError, sourcePosition } from './source-position.ts';
import { shareStandIns } from './stand-ins.ts';
import { Version } from './version.ts';

// The app process: runs the project's code, and answers on the socket that the runner names. It is a process of its own
// so that nothing which that code does, such as an endless loop or process.exit(), can take the runner along.

/** How long the rest may take when the requests in flight are through, or have had their time. */
const STOP_MS = 1000;
const STOP_POLL_MS = 20;
/** What goes wrong right after the code has been loaded counts as well when it is only checked. */
const AFTERMATH_MS = 100;

/** The project's code may replace the one of `process`, and does not get to call it while it is loaded. */
const exit = process.exit.bind(process);
const projectDir = process.cwd();
const [socketPath, purpose] = process.argv.slice(2);
/** The process is thrown away after one load, and nobody talks to what is loaded. */
const checking = purpose === 'check';
if (process.send === undefined || socketPath === undefined) throw new Error('the runner starts this file');

const stores = new SharedInstances();
Object.assign(globalThis, {
  [Symbol.for('shmastra.shareInstances')]: checking ? shareStandIns : stores.share,
  // Bundles are modules, which have no `require` of their own; code that uses it works with `mastra dev`.
  require: createRequire(join(projectDir, 'package.json')),
});

// A runner that is gone doesn't listen; `disconnect` says so too.
const send = (message: FromApp) => process.send?.(message, undefined, undefined, () => {});
const server = new AppServer();
const retired = new Set<Version>();

// Set before anything is loaded: a runner that is gone must not leave its app behind.
process.on('disconnect', () => exit(0));
process.on('SIGTERM', () => void stop(0));
process.on('SIGINT', () => {});
process.on('unhandledRejection', (reason) => {
  const { file, line } = sourcePosition(reason instanceof Error ? (reason.stack ?? '') : '', projectDir);
  console.error('A promise was rejected and nobody handled it.', file === undefined ? '' : `${file}:${line}`, reason);
});
process.on('uncaughtException', (error) => {
  if (process.listenerCount('uncaughtException') === 1) crash(error);
});
process.on('message', (message) => void receive(message as ToApp));

const modules = loadMastra(projectDir);
modules
  .then(({ registry, channels }) => {
    adjustModelRegistry(registry);
    if (channels !== undefined) (checking ? keepChannelsClosed : makeChannelsLeavable)(channels);
    send({ type: 'warm' });
  })
  .catch(() => {
    // Reported by the first load, which needs them.
  });
if (!checking) await server.listen(socketPath);
send({ type: 'listening' });

async function receive(message: ToApp): Promise<void> {
  if (message.type === 'ping') send({ type: 'pong' });
  else if (message.type === 'configure') Object.assign(process.env, message.environment);
  else if (message.type === 'preload') await preload(message.file);
  else if (message.type === 'load') await load(message);
  else if (message.type === 'start') start(message.recover);
  else if (message.type === 'stop') await stop(message.graceMs);
}

async function preload(file: string): Promise<void> {
  await modules.catch(() => {});
  await import(pathToFileURL(file).href).catch(() => {});
  send({ type: 'preloaded' });
}

async function load({ id, file }: Extract<ToApp, { type: 'load' }>): Promise<void> {
  try {
    const version = await guardLoad({ file, strict: checking, onCrash: crash }, async () => {
      const loaded = await Version.load(file, await modules);
      if (checking) await new Promise((resolve) => setTimeout(resolve, AFTERMATH_MS));
      return loaded;
    });
    const previous = server.swap(version);
    send({ type: 'loaded', id });
    if (previous !== undefined) retire(previous);
  } catch (error) {
    if (error instanceof RestartNeeded) send({ type: 'restart-needed', id, reason: error.message });
    else send({ type: 'load-failed', id, error: describeError(error, projectDir) });
  }
}

function start(recover: boolean): void {
  server.current?.start(recover).catch((error: unknown) => console.error('Background work could not start.', error));
}

function retire(version: Version): void {
  retired.add(version);
  version
    .retire()
    .catch((error: unknown) => console.error('The version before did not end cleanly.', error))
    .finally(() => retired.delete(version));
}

async function stop(graceMs: number): Promise<void> {
  server.close();
  const deadline = Date.now() + graceMs;
  const versions = [...retired, ...(server.current === undefined ? [] : [server.current])];
  while (versions.some((version) => version.busy) && Date.now() < deadline) {
    await new Promise((resolve) => setTimeout(resolve, STOP_POLL_MS));
  }
  const late = new Promise((resolve) => setTimeout(resolve, STOP_MS).unref());
  await Promise.race([Promise.allSettled(versions.map((version) => version.shutDown())), late]);
  await Promise.race([stores.closeAll(), late]);
  exit(0);
}

/** After an exception that nobody caught the state of a process is unknown: the runner starts a fresh one. */
function crash(error: unknown): void {
  console.error('The app stops: an exception that nobody caught.', error);
  const end = () => exit(1);
  if (!process.send?.({ type: 'crashed', error: describeError(error, projectDir) }, undefined, undefined, end)) end();
  setTimeout(end, STOP_MS);
}
