import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { startCommand } from './client.ts';
import { startTestEnvd, TOKEN, type TestEnvd } from './testing.ts';

let envd: TestEnvd;
beforeAll(async () => {
  envd = await startTestEnvd();
});
afterAll(() => envd.close());

it('runs the start command without what programs have put into the profile of the home', async () => {
  const out = path.join(envd.home, 'out');
  for (const file of ['.bash_profile', '.profile', '.bashrc']) {
    await writeFile(path.join(envd.home, file), 'export INTRUDER=yes\n');
  }
  const command = {
    cmd: `printf '%s' "intruder=$INTRUDER defaults=$FROM_DEFAULTS" > ${out}.part && mv ${out}.part ${out}`,
  };
  await startCommand({ url: envd.url, token: TOKEN }, { ...command, user: 'user' });
  await vi.waitFor(async () => expect(await readFile(out, 'utf8')).toBe('intruder= defaults=yes'), 5_000);
  const login = await envd.run('printf "intruder=%s" "$INTRUDER"');
  const text = login.map((event) => (event.kind === 'output' ? event.data.toString() : '')).join('');
  expect(text).toBe('intruder=yes');
});
