import { once } from 'node:events';
import { createServer } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { freePort, keepOrPick, requirePort, whyTaken } from './ports.ts';

const servers: ReturnType<typeof createServer>[] = [];

async function occupy(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  return address && typeof address === 'object' ? address.port : 0;
}

afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

test('a free port is free and an occupied one is not', async () => {
  expect(await whyTaken('127.0.0.1', await freePort())).toBeNull();
  expect(await whyTaken('127.0.0.1', await occupy())).toBe('EADDRINUSE');
});

test('a port in use names the setting and what to do', async () => {
  const port = await occupy();
  await expect(requirePort('PORT', '127.0.0.1', port)).rejects.toMatchObject({
    message: `Port ${port} is in use.`,
    why: expect.stringContaining(`process ${process.pid}`),
    next: expect.stringContaining(`PORT=${port + 1} npm start`),
  });
});

test('an address of another machine says so', async () => {
  await expect(requirePort('PORT', '192.0.2.1', 3000)).rejects.toThrow('192.0.2.1 is not an address of this machine.');
});

test('internal ports stay, except those that were taken meanwhile', async () => {
  const picks = [5001, 5002, 5003];
  const ports = await keepOrPick(
    { postgres: 4001, engine: 4002, demoModel: 0 },
    async (name) => name !== 'engine',
    async () => picks.shift() ?? 0,
  );
  expect(ports).toEqual({ postgres: 4001, engine: 5001, demoModel: 5002 });
});
