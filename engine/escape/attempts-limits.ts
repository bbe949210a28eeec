import type { Attempt } from './attempt.ts';
import { numberOf, perl } from './raw-call.ts';

const SOCKETS = `
const net = require("net"), fs = require("fs"), held = [];
const pages = () => Number(/TCP:.* mem (\\d+)/.exec(fs.readFileSync("/proc/net/sockstat", "utf8"))[1]);
const before = pages();
const server = net.createServer((s) => { s.pause(); held.push(s); }).listen(0, "127.0.0.1", async () => {
  for (let n = 0; n < 120; n++) {
    const c = net.connect(server.address().port, "127.0.0.1").on("error", () => {});
    held.push(c);
    for (let i = 0; i < 8; i++) c.write(Buffer.alloc(1 << 20));
    await new Promise((go) => setTimeout(go, 5));
  }
  setTimeout(() => {
    const mb = Math.round((pages() - before) / 256);
    console.log(mb > 320 ? "took" : "got no more than", mb > 320 ? mb : 320, "MB of the machine");
    process.exit(mb > 320 ? 0 : 1);
  }, 1500);
});`;

/** What one sandbox could take from the others. The engine of these runs with ENGINE_PIDS=300 and 1024 MB. */
export const LIMIT_ATTEMPTS: Attempt[] = [
  {
    attempt: 'fork 600 processes',
    stoppedBy: 'pids cgroup',
    script: perl(
      'for (1..600) { $p = fork; if (!defined $p) { $e = "process $_: $!\\n"; kill 9, @p; die $e } if (!$p) { sleep 9; _exit(0) } push @p, $p } kill 9, @p',
    ),
    without: { weakness: { pids: 1000 } },
  },
  {
    attempt: 'take more memory than the sandbox has',
    stoppedBy: 'memory cgroup',
    script: perl('$x[$_] = chr(65 + $_ % 26) x 10_000_000 for 1..120'),
    without: { weakness: { memoryMb: 2048 } },
  },
  {
    attempt: 'take more than 256 MB of socket buffers',
    stoppedBy: 'account of socket memory (version 1) or memory cgroup (version 2)',
    script: `/.engine/node -e '${SOCKETS}'`,
    without: { weakness: { socketBytes: -1 } },
  },
  {
    attempt: 'open 200 terminals of the machine’s 4096',
    stoppedBy: 'limit of the sandbox’s devpts',
    script: perl('for (1..200) { open($f[$_], "+<", "/dev/ptmx") or die "terminal $_: $!\\n" }'),
    without: { weakness: { manyTerminals: true } },
  },
  {
    attempt: 'make 100 inotify instances',
    stoppedBy: 'limit of the sandbox’s user namespace',
    script: perl(`for (1..100) { syscall(${numberOf('inotify_init1')}, 0) >= 0 or die "instance $_: $!\\n" }`),
    without: { weakness: { userLimits: { max_inotify_instances: 200 } } },
  },
  {
    attempt: 'write 24 MB in two seconds where 4 MB a second are allowed',
    stoppedBy: 'blkio or io cgroup',
    base: { diskRate: 4 * 2 ** 20 },
    script: 'timeout 2 dd if=/dev/zero of=fast bs=1M count=24 conv=fsync status=none; code=$?; rm -f fast; exit $code',
    without: { weakness: { diskRate: 0 } },
  },
  {
    attempt: 'raise the number of open files',
    as: 'root',
    stoppedBy: 'hard limit, no CAP_SYS_RESOURCE outside of the user namespace',
    script: 'ulimit -Hn 30000',
    without: 'the kernel wants that capability outside of every user namespace',
  },
  {
    attempt: 'make core dumps',
    as: 'root',
    stoppedBy: 'hard limit of 0, no CAP_SYS_RESOURCE outside of the user namespace',
    script: 'ulimit -Hc unlimited',
    without: 'the kernel wants that capability outside of every user namespace',
  },
];
