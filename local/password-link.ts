// `npm run password-link -- <e-mail>`: prints a link with which this person sets a new password. Beside a running box, or
// with DATABASE_URL and PUBLIC_URL elsewhere.
import { spawn } from 'node:child_process';
import path from 'node:path';
import { dataDirectory, readEnvironment } from '../scripts/bootstrap/environment.mjs';
import { describe, StartError } from '../scripts/bootstrap/failure.mjs';
import { root } from '../scripts/bootstrap/node.mjs';
import { isCode } from './files.ts';
import { lockHolder } from './lock.ts';
import { databaseUrl, runningCluster } from './postgres.ts';
import { readSecrets } from './secrets.ts';

/** Where the box's database is; null where there is no box. */
async function databaseOfBox(dataDir: string): Promise<string | null> {
  const secrets = await readSecrets(dataDir).catch((error: unknown) => {
    if (!isCode(error, 'EACCES')) throw error;
    throw new StartError(`The secrets in ${dataDir} cannot be read.`, { next: 'run this as root' });
  });
  if (secrets === null) return null;
  const port = secrets.ports.postgres;
  if (await runningCluster({ folder: path.join(dataDir, 'postgres'), port })) return databaseUrl({ port, secrets });
  throw new StartError('The database does not run.', { next: 'run npm start, and this beside it' });
}

/** Where the box is reached: it may have been started with other settings than this shell's. */
async function urlOfBox(dataDir: string): Promise<string> {
  const running = await lockHolder(dataDir);
  if (running) return running.url;
  throw new StartError('Shmastra Cloud does not run.', { next: 'run npm start, and this beside it' });
}

async function main(): Promise<void> {
  const env = readEnvironment(root);
  const dataDir = dataDirectory(root, env);
  const ofBox = await databaseOfBox(dataDir);
  const database = ofBox ?? env['DATABASE_URL'];
  if (database === undefined) {
    throw new StartError(`Shmastra Cloud was never started with ${dataDir}.`, {
      next: 'set DATA_DIR to the folder of your box, or DATABASE_URL to your database',
    });
  }
  const command = path.join(root, 'lib', 'auth', 'print-password-link.ts');
  const child = spawn(process.execPath, [command, ...process.argv.slice(2)], {
    env: { ...process.env, DATABASE_URL: database, PUBLIC_URL: ofBox ? await urlOfBox(dataDir) : env['PUBLIC_URL'] },
    stdio: 'inherit',
  });
  child.on('exit', (code) => (process.exitCode = code ?? 1));
}

try {
  await main();
} catch (error) {
  console.error(describe(error));
  process.exitCode = 1;
}
