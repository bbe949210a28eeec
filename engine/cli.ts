import path from 'node:path';
import { parseArgs } from 'node:util';
import { createApiKey, listApiKeys, revokeApiKey } from './state/api-keys.ts';
import { readHolder } from './state/engine-lock.ts';
import { restoreSettings } from './state/host-settings.ts';
import { readInstance, removeHostState } from './state/instance.ts';
import { isAlive } from './runtime/process.ts';
import { SandboxStore } from './state/sandbox-store.ts';

const USAGE = `Usage: node engine/cli.ts <command> --data-dir <dir>

  keys create        makes an API key and prints it, this once
  keys list          lists the keys' ids
  keys revoke <id>   makes a key invalid at once
  list               lists the sandboxes that are on disk
  prune              removes what a stopped engine left on this machine outside its data folder, and sets back the
                     settings of the kernel that it raised`;

class UsageError extends Error {}

async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { 'data-dir': { type: 'string' }, help: { type: 'boolean' } },
  });
  if (values.help) return console.log(USAGE);
  const given = values['data-dir'] ?? process.env.ENGINE_DATA_DIR;
  if (!given) throw new UsageError('--data-dir is missing');
  const dataDir = path.resolve(given);
  const [command, verb, id] = positionals;
  if (command === 'keys' && verb === 'create') {
    console.log((await createApiKey(dataDir)).key);
  } else if (command === 'keys' && verb === 'list') {
    for (const key of await listApiKeys(dataDir)) {
      console.log(`${key.id}  created ${key.createdAt}  ${key.revokedAt ? `revoked ${key.revokedAt}` : 'valid'}`);
    }
  } else if (command === 'keys' && verb === 'revoke' && id) {
    if (!(await revokeApiKey(dataDir, id))) throw new Error(`there is no key ${id}`);
  } else if (command === 'list') {
    await list(dataDir);
  } else if (command === 'prune') {
    await prune(dataDir);
  } else {
    throw new UsageError(`unknown command: ${positionals.join(' ')}`);
  }
}

async function list(dataDir: string): Promise<void> {
  for (const { id, record } of await new SandboxStore(path.join(dataDir, 'sandboxes')).load()) {
    if (record === null) console.log(`${id}  (no readable record)`);
    else
      console.log(
        `${id}  ${record.state.padEnd(7)}  ${record.alias ?? record.templateID}  until ${new Date(record.endAt).toISOString()}`,
      );
  }
}

/** Safe to repeat; refuses while the engine runs. */
async function prune(dataDir: string): Promise<void> {
  const holder = await readHolder(path.join(dataDir, 'engine.lock'));
  if (holder !== null && isAlive(holder)) {
    throw new Error(`the engine (process ${holder.pid}) is running: stop it first`);
  }
  const instance = await readInstance(dataDir);
  if (instance === null) return console.log('nothing to remove: no engine ran on this data folder');
  await removeHostState(instance);
  console.log(`removed sandboxes' processes, mounts, links and the packet filter of instance ${instance.instance}`);
  for (const line of await restoreSettings(dataDir)) console.log(line);
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : String(error));
  if (error instanceof UsageError) console.error(`\n${USAGE}`);
  process.exit(1);
});
