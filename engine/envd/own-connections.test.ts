import { connect, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { startTestEnvd } from './testing.ts';

it('leaves room for the engine when programs of the sandbox hold connections', async () => {
  const envd = await startTestEnvd();
  const sockets: Socket[] = [];
  let closed = 0;
  try {
    for (let index = 0; index < 150; index += 1) {
      const socket = connect(Number(new URL(envd.url).port), '127.0.0.1');
      socket.on('error', () => {}).on('close', () => (closed += 1));
      sockets.push(socket);
    }
    await expect.poll(() => closed).toBe(50);
    for (const socket of sockets) socket.destroy();
    await expect
      .poll(() =>
        fetch(`${envd.url}/health`).then(
          (answer) => answer.status,
          () => 0,
        ),
      )
      .toBe(204);
  } finally {
    for (const socket of sockets) socket.destroy();
    await envd.close();
  }
});
