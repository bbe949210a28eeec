import type { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { EscapeEngine, type As } from './escape-engine.ts';
import { Table } from './table.ts';

const ROUNDS = 120;
/** A program of the user that may not become root, as what agents write: it exchanges `race/here` all the time. */
const SWAP = `
const fs = require("fs");
process.chdir("/home/user/race");
fs.mkdirSync("real", { recursive: true });
fs.writeFileSync("real/file", "mine");
for (;;) {
  for (const target of ["/root/vault", "real"]) {
    try { fs.symlinkSync(target, "next"); fs.renameSync("next", "here"); } catch { try { fs.unlinkSync("next"); } catch {} }
    try { fs.symlinkSync(target + "/file", "nextfile"); fs.renameSync("nextfile", "link"); } catch { try { fs.unlinkSync("nextfile"); } catch {} }
  }
}`;

/** What root has at the other end: changed, read or removed when the race was won. */
const SETUP = `rm -rf /root/vault && mkdir -m 700 /root/vault && echo secret > /root/vault/file && chmod 600 /root/vault/file`;
const INTACT = `[ "$(cat /root/vault/file)" = secret ] && [ "$(stat -c %U:%a /root/vault/file /root/vault | tr '\\n' ' ')" = 'root:600 root:700 ' ] && [ "$(ls /root/vault)" = file ]`;

/** `rootLoses`: envd removes the link itself, whoever is named. */
type Race = { attempt: string; rootLoses?: true; act: (sandbox: Sandbox, user: As) => Promise<unknown> };

const RACES: Race[] = [
  {
    attempt: 'write to a file below',
    act: (sandbox, user) => sandbox.files.write('/home/user/race/here/new', 'x', { user }),
  },
  {
    attempt: 'overwrite the file itself',
    act: (sandbox, user) => sandbox.files.write('/home/user/race/link', 'x', { user }),
  },
  {
    attempt: 'make a folder below',
    act: (sandbox, user) => sandbox.files.makeDir('/home/user/race/here/a/b', { user }),
  },
  {
    attempt: 'rename a file below',
    act: (sandbox, user) => sandbox.files.rename('/home/user/race/here/file', '/home/user/race/here/renamed', { user }),
  },
  {
    attempt: 'remove a file below',
    act: (sandbox, user) => sandbox.files.remove('/home/user/race/here/file', { user }),
  },
  {
    attempt: 'remove the folder',
    rootLoses: true,
    act: (sandbox, user) => sandbox.files.remove('/home/user/race/here/', { user }),
  },
];

describe('races with the files of others', () => {
  const table = new Table('files');
  let engine: EscapeEngine;
  let sandbox: Sandbox;

  beforeAll(async () => {
    engine = await EscapeEngine.start();
    sandbox = await engine.create();
    await sandbox.files.write('race/swap.cjs', SWAP);
    await sandbox.commands.run('setpriv --no-new-privs /.engine/node race/swap.cjs', {
      background: true,
      timeoutMs: 0,
    });
    // A write that comes before the first link makes a folder in its place, which no link replaces afterwards.
    const swapping = 'for i in $(seq 600); do [ -L race/here ] && [ -L race/link ] && exit; sleep 0.05; done; exit 1';
    await sandbox.commands.run(swapping);
  });
  afterAll(async () => {
    table.finish();
    await engine?.dispose();
  });

  /** True when root's files were touched in some round. */
  async function wins(act: Race['act'], user: As): Promise<boolean> {
    await engine.run(sandbox, SETUP, 'root');
    for (let round = 0; round < ROUNDS; round += 1) {
      await act(sandbox, user).catch(() => {});
      if (user === 'root' && round % 10 === 9 && !(await engine.run(sandbox, INTACT, 'root')).succeeded) return true;
    }
    return !(await engine.run(sandbox, INTACT, 'root')).succeeded;
  }

  it.each(RACES)('$attempt, while a link is exchanged', async ({ attempt, act, rootLoses }) => {
    const defended = await wins(act, 'user');
    const undefended = await wins(act, 'root');
    table.add({
      attempt: `${attempt}, while the user’s program exchanges a link to root’s folder`,
      stoppedBy: 'envd acts with the rights of the user who is named; as root only where every link is root’s',
      outcome: defended ? 'SUCCEEDED' : `fails: ${ROUNDS} tries`,
      without: undefended
        ? 'succeeds (the call names root)'
        : 'fails too: the link is removed, and not what it leads to',
    });
    expect({ defended, undefended }).toEqual({ defended: false, undefended: rootLoses !== true });
  });

  it('reads what only root may', async () => {
    await engine.run(sandbox, SETUP, 'root');
    const seen: Record<As, boolean> = { user: false, root: false };
    for (const user of ['user', 'root'] as const) {
      for (let round = 0; round < ROUNDS && !seen[user]; round += 1) {
        const text = await sandbox.files.read('/home/user/race/link', { user }).catch(() => '');
        seen[user] ||= text.includes('secret');
      }
    }
    table.add({
      attempt: 'have a file of root’s read, while the user’s program exchanges a link to it',
      stoppedBy: 'envd reads with the rights of the user who is named',
      outcome: seen.user ? 'SUCCEEDED' : `fails: ${ROUNDS} tries`,
      without: seen.root ? 'succeeds (the call names root)' : 'not won in this run (the call names root)',
    });
    expect(seen).toEqual({ user: false, root: true });
  });

  it('links root’s file to a name of its own', async () => {
    await engine.run(sandbox, `${SETUP}; chmod 755 /root /root/vault`, 'root');
    const { succeeded, said } = await engine.run(sandbox, 'ln /root/vault/file /home/user/hard');
    table.add({
      attempt: 'make a hard link to a file of root’s',
      stoppedBy: 'fs.protected_hardlinks of the host; envd refuses linked files of others',
      outcome: succeeded ? 'SUCCEEDED' : `fails: ${said}`,
      without: 'not shown: it is a setting of the whole machine',
    });
    expect(succeeded).toBe(false);
  });
});
