import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { StartError } from '../scripts/bootstrap/failure.mjs';
import { run } from '../scripts/bootstrap/run.mjs';

/** Null when this process may listen there now; otherwise the reason as the kernel names it, such as EADDRINUSE. */
export function whyTaken(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', (error: NodeJS.ErrnoException) => resolve(error.code ?? error.message));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}

/** A port of loopback that is free now. */
export function freePort(host = '127.0.0.1'): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', reject);
    server.listen(0, host, () => {
      const address = server.address();
      server.close(() => {
        if (address && typeof address === 'object') resolve(address.port);
        else reject(new Error('The kernel gave no port.'));
      });
    });
  });
}

/** The program that listens on a port, as `node server.js (process 123)`; null when it cannot be known. */
export async function listenerOf(port: number): Promise<string | null> {
  const { stdout } = await run('ss', ['-H', '-l', '-t', '-n', '-p', `sport = :${port}`]);
  const pid = /pid=(\d+)/.exec(stdout)?.[1];
  if (!pid) return null;
  const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0').filter(Boolean);
  const program = words
    .slice(0, 2)
    .map((word) => path.basename(word))
    .join(' ');
  return `${program || 'a program'} (process ${pid})`;
}

/** @throws StartError naming the setting and who has the port. */
export async function requirePort(setting: string, host: string, port: number): Promise<void> {
  const code = await whyTaken(host, port);
  if (code === null) return;
  if (code === 'EADDRNOTAVAIL') {
    throw new StartError(`${host} is not an address of this machine.`, { next: 'set HOST to one of its addresses' });
  }
  if (code === 'EACCES') {
    throw new StartError(`Port ${port} may not be used.`, { why: code, next: `set ${setting} to another port` });
  }
  const who = code === 'EADDRINUSE' ? await listenerOf(port) : null;
  throw new StartError(`Port ${port} is in use.`, {
    why: who ? `${who} listens on it` : `the system says ${code}`,
    next: `stop that program, or set ${setting} to another port: ${setting}=${port + 1} npm start`,
  });
}

/** Keeps those ports that are still free and picks new ones for the others. */
export async function keepOrPick<Name extends string>(
  ports: Record<Name, number>,
  isFree: (name: Name, port: number) => Promise<boolean> = async (_, port) =>
    (await whyTaken('127.0.0.1', port)) === null,
  pick: () => Promise<number> = freePort,
): Promise<Record<Name, number>> {
  const kept = { ...ports };
  for (const name of Object.keys(ports) as Name[]) {
    if (kept[name] && (await isFree(name, kept[name]))) continue;
    const used = new Set<number>(Object.values(kept));
    let port = await pick();
    for (let attempt = 0; used.has(port) && attempt < 20; attempt += 1) port = await pick();
    kept[name] = port;
  }
  return kept;
}
