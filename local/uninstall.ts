// Takes back what Shmastra Cloud put on the machine outside the checkout. Run by scripts/uninstall.mjs, as root.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { dataDirectory, readEnvironment } from '../scripts/bootstrap/environment.mjs';
import { installedByUs } from '../scripts/bootstrap/debian-packages.mjs';
import { describe, StartError } from '../scripts/bootstrap/failure.mjs';
import { root } from '../scripts/bootstrap/node.mjs';
import { run } from '../scripts/bootstrap/run.mjs';
import { clearRunFolder, runFolder } from './box.ts';
import { removeFolder } from './files.ts';
import { stopLeftovers } from './leftovers.ts';
import { takeLock } from './lock.ts';
import { readMachineRecord } from './machine-record.ts';
import { runningCluster } from './postgres.ts';
import { readSecrets } from './secrets.ts';
import { endProcess } from './service.ts';
import { SERVICE_USER, findServiceUser } from './service-user.ts';

/** Everything that one data directory put on the machine. */
async function removeFromMachine(dataDir: string, say: (text: string) => void): Promise<void> {
  const secrets = await readSecrets(dataDir);
  const record = await readMachineRecord(dataDir);
  if (secrets) {
    const stopped = await stopLeftovers(dataDir);
    if (stopped.length) say(`stopped ${stopped.join(', ')}`);
    const folder = path.join(dataDir, 'postgres');
    const postgres = await runningCluster({ folder, port: secrets.ports.postgres }).catch(() => null);
    if (postgres) await endProcess(postgres, 'SIGINT', 20_000);
    await pruneEngine(dataDir, secrets.instance, say);
    await clearRunFolder(secrets.instance);
    say(`removed ${runFolder(secrets.instance)}`);
  }
  if (record?.madeUser) await removeUser(say);
}

/** The engine's own command knows what it makes: processes, mounts, cgroups, links, the nft table, the kernel's settings. */
async function pruneEngine(dataDir: string, instance: string, say: (text: string) => void): Promise<void> {
  // The engine may have run on the bind-mounted path; its record is the same folder.
  const { code, output } = await run(process.execPath, [
    path.join(root, 'engine', 'cli.ts'),
    ...['prune', '--data-dir', path.join(dataDir, 'engine')],
  ]);
  if (code !== 0) {
    throw new StartError(`What the engine (instance ${instance}) left could not be removed.`, {
      output,
      next: 'stop what the lines above name and run npm run uninstall again',
    });
  }
  for (const line of output.trim().split('\n')) say(line);
}

async function removeUser(say: (text: string) => void): Promise<void> {
  if (!(await findServiceUser())) return;
  const { stdout } = await run('ps', ['-u', SERVICE_USER, '-o', 'pid=']);
  if (stdout.trim()) {
    say(`kept the user ${SERVICE_USER}: another Shmastra Cloud on this machine runs as it`);
    return;
  }
  await run('userdel', [SERVICE_USER]);
  say(`removed the user ${SERVICE_USER}`);
}

try {
  const dataDir = dataDirectory(root, readEnvironment(root));
  const say = (text: string) => console.log(`  ${text}`);
  if (!existsSync(dataDir))
    throw new StartError(`There is no ${dataDir}.`, { next: 'set DATA_DIR to the one that was used' });
  const unlock = await takeLock(dataDir, 'uninstalling');
  const packages = installedByUs(dataDir);
  try {
    await removeFromMachine(dataDir, say);
  } finally {
    await unlock();
  }
  if (process.argv.includes('--data')) {
    await removeFolder(dataDir);
    say(`removed ${dataDir}`);
  } else {
    say(`kept ${dataDir} with the database and the sandboxes' files (--data removes it)`);
  }
  if (packages.length) {
    console.log(
      `\nThese Debian packages were installed for Shmastra Cloud and stay; other programs may use them by now:`,
    );
    console.log(`  apt-get remove ${packages.join(' ')}`);
  }
} catch (error) {
  console.error(`\n${describe(error)}`);
  process.exitCode = 1;
}
