import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test } from 'vitest';
import { createLog } from '../../lib/log.ts';
import { controlListener } from './control-listener.ts';
import { freePort } from './testing.ts';

test('one sandbox cannot take the connections of all', async () => {
  const port = await freePort();
  const options = { log: createLog('test', 'silent'), connectionsPerAddress: 2 };
  const listener = controlListener({ host: '127.0.0.1', port }, (_facts, _req, res) => void res.end('ok'), options);
  listener.start();
  await listener.bound;
  const from = (localAddress: string) => connect({ host: '127.0.0.1', port, localAddress });
  const held = [from('127.0.0.2'), from('127.0.0.2')];
  await Promise.all(held.map((socket) => once(socket, 'connect')));
  const third = from('127.0.0.2').on('error', () => {});
  await once(third, 'close');
  // Others are not concerned, and a place becomes free again.
  const answers = async (address: string): Promise<boolean> => {
    const socket = from(address).on('error', () => {});
    socket.write('GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n');
    let text = '';
    socket.on('data', (chunk) => (text += chunk.toString()));
    await once(socket, 'close');
    return text.includes('ok');
  };
  expect(await answers('127.0.0.3')).toBe(true);
  held[0]?.destroy();
  await expect.poll(() => answers('127.0.0.2')).toBe(true);
  held[1]?.destroy();
  await listener.close(0);
});
