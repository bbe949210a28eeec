import { writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { applyInit, INITIAL_DEFAULTS } from './init.ts';
import { useKoffi } from './native/libc.ts';
import { preferLittleMemory } from './memory.ts';
import { createEnvd } from './server.ts';
import type { Context } from './state.ts';
import { Users } from './users.ts';

/** E2B's port for envd. */
const DEFAULT_PORT = 49983;

function takeVariable(name: string): string | undefined {
  const value = process.env[name];
  // Nothing that is started from here may see it.
  delete process.env[name];
  return value;
}

const token = takeVariable('ENVD_ACCESS_TOKEN');
const defaults = takeVariable('ENVD_DEFAULTS');
if (!token) {
  console.error('envd: ENVD_ACCESS_TOKEN is not set');
  process.exit(1);
}

const context: Context = { users: new Users(), token, defaults: INITIAL_DEFAULTS, now: Date.now };
if (defaults) applyInit(context, JSON.parse(defaults));
preferLittleMemory();
process.umask(0o022);
// One more than usual: waiting for events of watched folders takes one of them.
process.env.UV_THREADPOOL_SIZE ??= '5';
// The toolbox has it beside this program.
useKoffi(join(dirname(process.argv[1] ?? ''), 'koffi.node'));

const server = createEnvd(context);
server.on('error', (error) => {
  console.error(`envd: ${error.message}`);
  process.exit(1);
});
// The engine waits for this line (or any other) on the console before it asks for /health.
server.once('listening', () => {
  try {
    writeSync(1, 'envd: listening\n');
  } catch {
    // The console is on the sandbox's disk, which may be full. The engine asks after a while all the same.
  }
});
server.listen(Number(process.env.ENVD_PORT ?? DEFAULT_PORT), process.env.ENVD_HOST);
