import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { runDirectory } from '../config.ts';
import { mountsBelow } from '../disk/mounts.ts';
import { command } from '../runtime/command.ts';
import { waitUntil } from '../runtime/wait.ts';
import { removeHostState } from '../state/instance.ts';
import { TestEngine } from '../testing/engine.ts';

/** What may happen to the engine: its process is killed, its machine loses power, or it is stopped in order. */
export type Blow = 'kill -9' | 'power cut' | 'SIGTERM';

/** ext4's ioctl EXT4_IOC_SHUTDOWN with "no log flush" (linux/ext4.h): what the journal does not hold is lost. */
const CUT_OFF = `sysopen(my $dir, $ARGV[0], 0) or die "open: $!"; my $flag = pack("L", 2);
ioctl($dir, 0x8004587D, $flag) or die "ioctl: $!";`;

const DETACH_MS = 30_000;

/** The engine under test, and when it was down. */
export class Daemon {
  readonly engine: TestEngine;
  readonly #outages: { from: number; to: number }[] = [];
  /** Counts the blows that end the processes in sandboxes too. */
  reboots = 0;
  #up: Promise<void> = Promise.resolve();

  private constructor(engine: TestEngine) {
    this.engine = engine;
  }

  static async start(env: Record<string, string>): Promise<Daemon> {
    return new Daemon(await TestEngine.start({ env }));
  }

  /** Resolves when the engine answers. Rejects when it does not start any more. */
  up(): Promise<void> {
    return this.#up;
  }

  /** Whether a call that began then (`performance.now()`) may have met an engine that was down. */
  wasDownSince(began: number): boolean {
    return this.#outages.some(({ to }) => to >= began);
  }

  /** Brings it down and, as the supervisor does, up again. */
  strike(blow: Blow): Promise<void> {
    const outage = { from: performance.now(), to: Number.POSITIVE_INFINITY };
    this.#outages.push(outage);
    if (blow !== 'kill -9') this.reboots += 1;
    this.#up = this.#fallAndRise(blow).then(() => {
      outage.to = performance.now();
    });
    return this.#up;
  }

  async #fallAndRise(blow: Blow): Promise<void> {
    const { engine } = this;
    await engine.end(blow === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
    if (blow === 'power cut') await this.#cutPower();
    await engine.launch();
  }

  /** Every process ends at once, and of each disk only what was written down in its journal is left. */
  async #cutPower(): Promise<void> {
    const { instance, subnet } = this.engine;
    const run = runDirectory(instance);
    const mounted = new Set(mountsBelow(run));
    const disks = existsSync(run) ? readdirSync(run).map((id) => path.join(run, id, 'disk')) : [];
    await Promise.all(disks.filter((disk) => mounted.has(disk)).map((disk) => command('perl', ['-e', CUT_OFF, disk])));
    await removeHostState({ instance, subnet });
    // Sandboxes that others start have copies of all mounts for a moment. As long as one is there the disk stays cut off.
    const detached = async () =>
      !(await command('losetup', ['--list', '--output', 'BACK-FILE'])).includes(`${this.engine.dataDir}/`);
    if (!(await waitUntil(detached, DETACH_MS, 50))) throw new Error('a disk is still in use after the power cut');
  }
}
