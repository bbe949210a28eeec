import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:net';
import { command } from '../runtime/command.ts';
import { waitUntil } from '../runtime/wait.ts';

/**
 * A part of the world that tests can put addresses into: a network namespace behind a veth, in which servers on ports
 * 80, 443 and 8080 of every address answer `outside\n`.
 */
export type Outside = { add(address: string): Promise<void>; remove(): Promise<void> };

const SERVER = `for (const port of [443, 8080, 80]) {
  require('net')
    .createServer((s) => s.on('error', () => {}).end('outside\\n'))
    .listen(port, '0.0.0.0', () => port === 80 && console.log('up'));
}`;

/** @param link first three parts of the network between host and outside: two tests at a time take two. */
export async function createOutside(name: string, link = '10.254.254'): Promise<Outside> {
  const host = `${name}h`;
  // What a run left that was killed.
  await command('ip', ['netns', 'delete', name]).catch(() => {});
  await command('ip', ['link', 'delete', host]).catch(() => {});
  await command('ip', ['netns', 'add', name]);
  await command('ip', ['-batch', '-'], {
    input: [
      `link add ${host} type veth peer name out0 netns ${name}`,
      `link set ${host} up`,
      `addr add ${link}.1/30 dev ${host}`,
    ].join('\n'),
  });
  await command('ip', ['-netns', name, '-batch', '-'], {
    input: [
      'link set lo up',
      'link set out0 up',
      `addr add ${link}.2/30 dev out0`,
      `route add default via ${link}.1`,
    ].join('\n'),
  });
  const server = spawn('ip', ['netns', 'exec', name, process.execPath, '-e', SERVER], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const added: string[] = [];
  let up = false;
  server.stdout.once('data', () => {
    up = true;
  });
  if (!(await waitUntil(() => up, 5000, 10))) throw new Error('the server outside did not start');
  return {
    async add(address) {
      await command('ip', ['-netns', name, 'addr', 'add', `${address}/32`, 'dev', 'out0']);
      await command('ip', ['route', 'add', `${address}/32`, 'via', `${link}.2`]);
      added.push(address);
    },
    async remove() {
      for (const address of added) await command('ip', ['route', 'delete', `${address}/32`]).catch(() => {});
      server.kill('SIGKILL');
      await command('ip', ['link', 'delete', host]).catch(() => {});
      await command('ip', ['netns', 'delete', name]);
    },
  };
}

/** A server of the host on all its addresses. */
export function listenEverywhere(): Promise<{ port: number; server: Server }> {
  return new Promise((resolve, reject) => {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.end('host\n');
    });
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => {
      const address = server.address();
      resolve({ server, port: typeof address === 'object' && address ? address.port : 0 });
    });
  });
}
