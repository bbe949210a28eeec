import { Sandbox } from 'e2b';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { TestEngine } from '../testing/engine.ts';

let engine: TestEngine;
let sandbox: Sandbox;

beforeAll(async () => {
  engine = await TestEngine.start();
  sandbox = await Sandbox.create('base', { ...engine.connection, timeoutMs: 300_000 });
});
afterAll(() => engine?.dispose());

async function run(command: string, user: 'user' | 'root' = 'user'): Promise<string> {
  return (await sandbox.commands.run(command, { user })).stdout.trim();
}

it('has a static bash that knows letters, users and jobs as the usual one does', async () => {
  expect(await run('readlink -f /bin/bash /usr/bin/bash | sort -u')).toMatch(/^(\/usr)?\/bin\/bash-static$/);
  const versions = await run('for bash in bash bash.dynamic; do $bash --version | head -1; done | sort -u');
  expect(versions).toMatch(/^GNU bash, version \S+ \(.*\)$/);
  expect(await run(`word=été; echo \${#word} \${word^^}; printf '%s\\n' [[:alpha:]]té`)).toBe('3 ÉTÉ\n[[:alpha:]]té');
  expect(await run('echo ~root ~user; shopt login_shell')).toBe('/root /home/user\nlogin_shell    \ton');
  expect(await run('set -m; sleep 60 & jobs; kill %1; wait; cat <(echo read)')).toMatch(/Running.*sleep 60[^]*read$/);
});

it('keeps it when the package bash is unpacked again', async () => {
  expect(await run('dpkg-divert --list /bin/bash', 'root')).toBe('local diversion of /bin/bash to /bin/bash.dynamic');
  expect(await run('dpkg-query -S /bin/bash-static')).toBe('bash-static: /bin/bash-static');
});
