import path from 'node:path';
import { command } from '../runtime/command.ts';
import { systemCalls } from '../runtime/system-calls.ts';
import { withLoopDevice } from './loop-device.ts';
import { untilReleased } from './released.ts';

/** sys/mount.h */
const MS_NOSUID = 2;
const MS_NODEV = 4;
const MS_NOEXEC = 8;
const MS_NOATIME = 1024;

/** The kernel takes one page of options. */
const OPTIONS_LIMIT = 4000;

/** Nobody uses this mount but the overlay, whose own flags count for what runs in the sandbox. @throws HostError, Error */
export async function mountImage(file: string, target: string): Promise<void> {
  await untilReleased(file);
  const calls = systemCalls();
  if (calls === null) {
    await command('mount', ['-o', 'loop,discard,noatime,noinit_itable,nodev,nosuid,noexec', file, target]);
    return;
  }
  const flags = MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_NOATIME;
  await withLoopDevice(calls, file, (device) => calls.mount(device, target, 'ext4', flags, 'discard,noinit_itable'));
}

/**
 * Mounts the overlay at `<dir>/rootfs`, with the upper and work directories of the disk at `<dir>/disk`.
 * @param layers names in `dir`, highest first
 */
export async function mountOverlay(dir: string, layers: string[]): Promise<void> {
  // redirect_dir=off and metacopy=off keep the upper directory self-contained, so that it can become a layer.
  const options = (at: (name: string) => string) =>
    `lowerdir=${layers.map(at).join(':')},upperdir=${at('disk/upper')},workdir=${at('disk/work')},` +
    'redirect_dir=off,metacopy=off,index=off';
  const absolute = options((name) => path.join(dir, name));
  const target = path.join(dir, 'rootfs');
  const calls = systemCalls();
  if (calls !== null && absolute.length <= OPTIONS_LIMIT) {
    await calls.mount('overlay', target, 'overlay', MS_NODEV | MS_NOATIME, absolute);
  } else {
    await command('mount', ['-t', 'overlay', '-o', `nodev,noatime,${options((name) => name)}`, 'overlay', target], {
      cwd: dir,
    });
  }
}
