import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect, test } from 'vitest';
import { boundRun } from './bound-run.ts';
import { identify } from './identity.ts';
import { waitUntil } from './wait.ts';

test('output and code are those of the program', async () => {
  expect(await boundRun('sh', ['-c', 'echo out; exit 4'])).toMatchObject({ code: 4, stdout: 'out\n' });
});

test('the program ends when we are killed', async () => {
  const script = `
    const { boundRun } = await import(${JSON.stringify(path.join(import.meta.dirname, 'bound-run.ts'))});
    await boundRun('sh', ['-c', 'echo $$; exec sleep 60'], { onLine: (line) => console.log(line) });`;
  const parent = spawn(process.execPath, ['--input-type=module', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(parent.stdout, 'data')) as [Buffer];
  const pid = Number(line.toString());
  expect(identify(pid)).not.toBeNull();
  parent.kill('SIGKILL');
  expect(await waitUntil(() => identify(pid) === null, { withinMs: 5_000 })).toBe(true);
});
