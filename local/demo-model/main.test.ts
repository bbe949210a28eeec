import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';

const main = path.join(import.meta.dirname, 'main.ts');
const start = (env: Record<string, string>) =>
  spawn(process.execPath, [main], { env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });

test('starts on a free port, answers, and ends on SIGTERM', async () => {
  const child = start({ DEMO_MODEL_PORT: '0' });
  try {
    const lines = createInterface({ input: child.stdout });
    const [line] = (await once(lines, 'line')) as [string];
    const { address } = JSON.parse(line) as { address: { address: string; port: number } };
    expect(address.address).toBe('127.0.0.1');
    expect((await fetch(`http://127.0.0.1:${address.port}/health`)).status).toBe(200);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  } finally {
    child.kill('SIGKILL');
  }
});

test('says all that is wrong with its settings', async () => {
  const child = start({ DEMO_MODEL_PORT: 'x', DEMO_MODEL_DELAY_MS: '-1' });
  let told = '';
  child.stderr.on('data', (chunk: Buffer) => (told += chunk.toString()));
  const [code] = await once(child, 'close');
  expect(code).toBe(1);
  expect(told).toMatch(/DEMO_MODEL_PORT: .*; DEMO_MODEL_DELAY_MS: /);
});
