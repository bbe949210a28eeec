import { createServer } from 'node:http';
import { expect, test } from 'vitest';
import { createLog } from '../../lib/log.ts';
import { AppError } from '../../lib/errors.ts';
import { bind, closeServer, createListener } from './listener.ts';
import { freePort, listen } from './testing.ts';

const log = createLog('test', 'silent');

test('waits for an address that is taken and binds once it is free', async () => {
  const holder = createServer();
  const port = await listen(holder);
  const server = createListener({ name: 'test', log, route: (_facts, _req, res) => void res.end('ok') });
  const bound = bind(server, { host: '127.0.0.1', port }, { patienceMs: 5000, log });
  holder.close();
  await bound;
  expect(await (await fetch(`http://127.0.0.1:${port}/`)).text()).toBe('ok');
  await closeServer(server, 0);
});

test('gives up when the address does not come', async () => {
  const server = createListener({ name: 'test', log, route: () => {} });
  const port = await freePort();
  // In a range for documentation: never an address of this machine.
  const bound = bind(server, { host: '192.0.2.1', port }, { patienceMs: 100, log });
  await expect(bound).rejects.toThrow('EADDRNOTAVAIL');
});

test('turns what a route throws into an answer without its inner words', async () => {
  const lines: string[] = [];
  const own = createLog('test', 'info', { write: (line) => void lines.push(line) });
  const server = createListener({
    name: 'test',
    log: own,
    route: ({ path }) => {
      if (path === '/known') throw new AppError('teapot', 'I am a teapot.', { status: 418, next: 'Use a kettle.' });
      throw new Error('secret inner words');
    },
  });
  const port = await listen(server);
  const known = await fetch(`http://127.0.0.1:${port}/known?key=secret-key`);
  expect([known.status, await known.json()]).toEqual([
    418,
    { error: { code: 'teapot', message: 'I am a teapot.', next: 'Use a kettle.' } },
  ]);
  const unknown = await fetch(`http://127.0.0.1:${port}/bug`);
  expect(unknown.status).toBe(500);
  expect(await unknown.text()).not.toContain('secret');
  expect(lines.join('')).toContain('secret inner words');
  expect(lines.join('')).not.toContain('secret-key');
  await closeServer(server, 0);
});
