import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { waitFor } from './product.ts';

/** A web server at `address:8080` in a network namespace of its own, one hop away from this machine. */
export type RemoteHost = { answersTheHost(): Promise<boolean>; remove(): Promise<void> };

const run = promisify(execFile);

const PROGRAM = `require('node:http').createServer((q, r) => r.end('remote')).listen(8080, '0.0.0.0')`;

/** Needs root. Routes exactly this address to the namespace; `remove` takes everything back. */
export async function makeRemoteHost(address: string): Promise<RemoteHost> {
  const name = `e2e${randomBytes(3).toString('hex')}`;
  const inside = `${name}i`;
  const ip = (...args: string[]) => run('ip', args);
  await ip('netns', 'add', name);
  let server: ChildProcess | undefined;
  const remove = async () => {
    server?.kill('SIGKILL');
    await ip('link', 'del', name).catch(() => {});
    await ip('netns', 'del', name).catch(() => {});
  };
  try {
    await ip('link', 'add', name, 'type', 'veth', 'peer', 'name', inside, 'netns', name);
    await ip('link', 'set', name, 'up');
    await ip('addr', 'add', '203.0.113.201/32', 'dev', name);
    await ip('-n', name, 'addr', 'add', `${address}/32`, 'dev', inside);
    await ip('-n', name, 'link', 'set', inside, 'up');
    await ip('-n', name, 'link', 'set', 'lo', 'up');
    await ip('-n', name, 'route', 'add', 'default', 'dev', inside);
    await ip('route', 'add', `${address}/32`, 'dev', name, 'src', '203.0.113.201');
    server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', PROGRAM], { stdio: 'ignore' });
    const answersTheHost = async () =>
      fetch(`http://${address}:8080/`, { signal: AbortSignal.timeout(2000) }).then(
        async (response) => (await response.text()) === 'remote',
        () => false,
      );
    await waitFor(async () => ((await answersTheHost()) ? true : undefined), 5000, `the server at ${address}`);
    return { answersTheHost, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
