import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Sandbox } from 'e2b';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createCgroups } from '../runtime/cgroup.ts';
import { waitUntil } from '../runtime/wait.ts';
import { EscapeEngine } from './escape-engine.ts';
import { numberOf, perl } from './raw-call.ts';
import { Table } from './table.ts';

const PIPES = '/proc/sys/fs/pipe-user-pages-soft';

describe('the engine and the neighbours', () => {
  const table = new Table('engine and neighbours');
  let engine: EscapeEngine;
  let sandbox: Sandbox;
  let other: Sandbox;

  beforeAll(async () => {
    engine = await EscapeEngine.start();
    [sandbox, other] = await Promise.all([engine.create(), engine.create()]);
  });
  afterAll(async () => {
    table.finish();
    await engine?.dispose();
  });

  const answers = async (which: Sandbox) => (await engine.run(which, 'echo alive')).said === 'alive';
  const background = (which: Sandbox, script: string) =>
    which.commands.run(script, { background: true, timeoutMs: 0, stdin: false });

  it('goes on running while it is paused', async () => {
    const from = await engine.create();
    await Promise.all([
      // CLONE_VFORK: the parent waits in the kernel for its child.
      background(from, perl(`syscall(${numberOf('clone')}, 0x4011, 0, 0, 0, 0); sleep 600`)),
      background(from, perl('kill STOP => $$; sleep 600')),
      background(from, perl(`syscall(${numberOf('ptrace')}, 0, 0, 0, 0); kill TRAP => $$; sleep 600`)),
      background(from, 'while :; do (:); done'),
      background(from, 'while :; do dd if=/dev/zero of=f bs=1M count=8 conv=fsync status=none; done'),
      background(from, 'while :; do date +%s%N > clock; done'),
    ]);
    await expect.poll(() => engine.run(from, 'cat clock')).toMatchObject({ succeeded: true });
    await from.pause();
    expect(createCgroups().isFrozen(engine.cgroup(from))).toBe(true);
    const clock = `/proc/${engine.pid(from)}/root/home/user/clock`;
    const before = readFileSync(clock, 'utf8');
    const stands = !(await waitUntil(() => readFileSync(clock, 'utf8') !== before, 300, 10));
    await Sandbox.connect(from.sandboxId, engine.engine.connection);
    const goesOn = await expect
      .poll(() => readFileSync(clock, 'utf8'), { timeout: 10_000 })
      .not.toBe(before)
      .then(() => true);
    await from.kill();
    table.add({
      attempt: 'go on running in a pause: vfork, stopped, traced, forking and syncing processes',
      stoppedBy: 'freezer cgroup',
      outcome: stands ? 'fails: all stand still' : 'SUCCEEDED',
      without: goesOn ? 'succeeds (thawed, they run on)' : 'fails',
    });
    expect(stands).toBe(true);
  });

  it('ends envd, the first process', async () => {
    const before = engine.pid(sandbox);
    const signals = 'for signal in TERM INT HUP USR1 SEGV ABRT STOP KILL; do kill -$signal 1; done; sleep 0.2';
    await engine.run(sandbox, signals, 'root');
    const stands = (await answers(sandbox)) && engine.pid(sandbox) === before;
    process.kill(before, 'SIGKILL');
    await expect.poll(() => answers(sandbox).catch(() => false), { timeout: 20_000 }).toBe(true);
    table.add({
      attempt: 'kill or stop envd, the first process (as root)',
      stoppedBy: 'the kernel: the first process of a PID namespace takes no such signal from inside',
      outcome: stands ? 'fails: it goes on' : 'SUCCEEDED',
      without: 'succeeds from the host; the engine starts the sandbox again, the others notice nothing',
    });
    expect(stands).toBe(true);
    expect(engine.pid(sandbox)).not.toBe(before);
    expect(await answers(other)).toBe(true);
  });

  it('prepares its root file system to mislead the runtime at the next start', async () => {
    const from = await engine.create();
    const target = await mkdtemp(path.join(tmpdir(), 'shmastra-target-'));
    const up = '../'.repeat(12);
    await engine.run(
      from,
      `mv /etc /kept; ln -s ${up}${target.slice(1)} /etc; mv /tmp /kept-tmp; ln -s ${target} /tmp; mv /home /kept-home; ln -s ${target} /home`,
      'root',
    );
    process.kill(engine.pid(from), 'SIGKILL');
    // Once more it was started, or could not be.
    const starts = async () =>
      (await engine.engine.log())
        .split('\n')
        .filter((line) => line.includes(from.sandboxId) && /sandbox (started|did not start)/.test(line)).length;
    await expect.poll(starts, { timeout: 20_000 }).toBeGreaterThan(1);
    const found = await readdir(target);
    await rm(target, { recursive: true });
    await from.kill().catch(() => {});
    table.add({
      attempt: 'replace /etc, /tmp and /home by links that lead out, and restart (as root)',
      stoppedBy: 'the runtime resolves mount points inside the root; the engine writes its files beside it',
      outcome: found.length === 0 ? 'fails: nothing was written outside' : `SUCCEEDED: ${found.join(' ')}`,
      without: 'not shown: it would be another runtime',
    });
    expect(found).toEqual([]);
    expect(await answers(other)).toBe(true);
  });

  it('keeps the engine out of envd by idle connections', async () => {
    const hold = `const net = require("net"); let n = 0; const open = () => { for (let i = 0; i < 1500; i++) net.connect(49983, "127.0.0.1").on("error", () => {}).on("connect", () => n++); }; open(); setInterval(() => {}, 1000)`;
    await background(sandbox, `/.engine/node -e '${hold}'`);
    await background(sandbox, `/.engine/node -e '${hold}'`);
    const held = () => engine.inNetworkOf(sandbox, 'ss -Htn dport = :49983 | wc -l');
    await expect.poll(async () => Number(await held()), { timeout: 10_000 }).toBeGreaterThanOrEqual(100);
    const reached = await answers(sandbox);
    await engine.run(sandbox, 'pkill -f 49983');
    table.add({
      attempt: 'keep the engine out by 3000 idle connections to envd from inside',
      stoppedBy: 'envd: 100 connections of the sandbox’s own programs',
      outcome: reached ? 'fails: the engine gets through' : 'SUCCEEDED',
      without: 'seen before this limit was there: with 1000 open, every call of the engine was refused',
    });
    expect(reached).toBe(true);
  });

  it('takes the engine’s time by slow clients, long heads and huge frames', async () => {
    const sockets: Socket[] = [];
    for (let index = 0; index < 500; index += 1) {
      const socket = connect(engine.engine.port, '127.0.0.1');
      socket.on('error', () => {});
      socket.write('GET /health HTTP/1.1\r\nHost: x\r\nx-a: ');
      sockets.push(socket);
    }
    const { url, connection } = engine.engine;
    const status = (await fetch(`${url}/health`)).status;
    for (const socket of sockets) socket.destroy();
    const head = (await fetch(`${url}/health`, { headers: { 'x-a': 'x'.repeat(100_000) } }).catch(() => null))?.status;
    // A frame that says it has 4 GiB, to envd.
    const frame = await fetch(`${url}/process.Process/Start`, {
      method: 'POST',
      headers: {
        'content-type': 'application/connect+json',
        'e2b-sandbox-id': other.sandboxId,
        'x-access-token': 'wrong',
      },
      body: Buffer.concat([Buffer.from([0, 255, 255, 255, 255]), Buffer.alloc(100_000)]),
    });
    table.add({
      attempt: '500 slow clients, a head of 100 KB, a frame of 4 GiB',
      stoppedBy: 'time limit of heads, limits of heads and bodies; the token is checked before a body is read',
      outcome: `fails: health ${status}, head ${head ?? 'cut'}, frame ${frame.status}`,
      without: 'not shown: the limits are Node’s own',
    });
    expect([status, frame.status]).toEqual([200, 401]);
    expect(head ?? 431).toBe(431);
    expect(connection.apiUrl).toBe(url);
    expect(await answers(other)).toBe(true);
  });

  it('takes the pipes of the others', async () => {
    const take = perl('for (1..3000) { pipe($r[$_], $w[$_]) or die "$!\\n" } $| = 1; print "taken\\n"; sleep 20');
    // F_GETPIPE_SZ
    const size = perl('pipe(R, W); print fcntl(R, 1032, 0), "\\n"');
    const sizeOfOthers = async () => {
      const taking = await background(sandbox, `exec ${take}`);
      await expect.poll(() => taking.stdout, { timeout: 10_000 }).toContain('taken');
      const { said } = await engine.run(other, size);
      await taking.kill();
      return Number(said);
    };
    const defended = await sizeOfOthers();
    const raised = readFileSync(PIPES, 'utf8');
    writeFileSync(PIPES, '16384');
    let undefended = 0;
    try {
      undefended = await sizeOfOthers();
    } finally {
      writeFileSync(PIPES, raised);
    }
    table.add({
      attempt: 'take the memory of pipes that the kernel counts by host id, so that the others get small ones',
      stoppedBy: 'fs.pipe-user-pages-soft, raised to what the whole memory holds',
      outcome: `fails: others get ${defended} bytes`,
      without: `succeeds: others get ${undefended} bytes`,
    });
    expect(defended).toBe(65_536);
    expect(undefended).toBeLessThan(65_536);
  });

  it('takes the descriptors in flight of the others: a known limit', async () => {
    const send = (count: number, then: string) =>
      `python3 -c 'import os, socket, time
pairs = [socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM) for _ in range(${count / 2000 + 1})]
null = os.open("/dev/null", 0)
sent = 0
try:
  for pair in pairs:
    for _ in range(10):
      socket.send_fds(pair[0], [b"x"], [null] * 200)
      sent += 200
except OSError as error:
  print(error.strerror, end=" ")
print("sent", sent, flush=True)
${then}'`;
    const taking = await background(sandbox, `exec ${send(30_000, 'time.sleep(30)')}`);
    await expect.poll(() => taking.stdout, { timeout: 20_000 }).toContain('sent');
    const { said } = await engine.run(other, send(2000, ''));
    await taking.kill();
    const after = await engine.run(other, send(2000, ''));
    table.add({
      attempt: 'take the file descriptors in flight over local sockets, which the kernel counts by host id',
      stoppedBy: 'nothing: all sandboxes share one range of host ids (see engine-security.md)',
      outcome: `SUCCEEDS, a known limit: others read "${said}"; afterwards "${after.said}"`,
      without: 'not shown: there is no defence',
    });
    // Whoever closes this hole turns this line round.
    expect(said).toMatch(/sent 0$/);
    expect(after.said).toMatch(/^sent [1-9]/);
  });

  it('keeps the processors busy', async () => {
    const burn = await background(sandbox, 'for i in $(seq 60); do while :; do :; done & done; wait');
    const started = performance.now();
    const alive = await answers(other);
    const ms = Math.round(performance.now() - started);
    await burn.kill();
    table.add({
      attempt: 'keep all processors busy with 60 loops',
      stoppedBy: 'cpu cgroup: quota and equal shares',
      outcome: alive ? `fails: a neighbour’s command took ${ms} ms` : 'SUCCEEDED',
      without: 'not shown: it would slow down this machine',
    });
    expect(alive).toBe(true);
    expect(ms).toBeLessThan(10_000);
  });

  it('fills the disk of the host by its disk, its log or its inodes', async () => {
    const full = await engine.run(sandbox, 'fallocate -l 900G big; code=$?; rm -f big; exit $code');
    const dir = `/run/shmastra-${engine.engine.instance}/${sandbox.sandboxId}`;
    const [log, home, host] = ['disk/console.log', 'disk', '..'].map((part) => statSync(path.join(dir, part)).dev);
    table.add({
      attempt: 'fill the disk of the host by files, inodes or what envd and the console write',
      stoppedBy: 'a file system of its own in a file of fixed size holds all three',
      outcome: full.succeeded ? 'SUCCEEDED' : `fails: ${full.said}`,
      without: 'not shown: it would fill this machine; all sandboxes’ sizes together may exceed its disk',
    });
    expect(full.succeeded).toBe(false);
    expect(log).toBe(home);
    expect(log).not.toBe(host);
  });
});
