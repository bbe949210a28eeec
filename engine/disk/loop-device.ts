import { constants } from 'node:fs';
import { open } from 'node:fs/promises';
import type { SystemCalls } from '../runtime/system-calls.ts';

/** linux/loop.h */
const LOOP_CTL_GET_FREE = 0x4c82;
const LOOP_CONFIGURE = 0x4c0a;
const LO_FLAGS_AUTOCLEAR = 4;
/** `struct loop_config`: two 32-bit numbers, a `loop_info64` of 232 bytes, eight reserved 64-bit numbers. */
const CONFIG_BYTES = 304;
const FLAGS_OFFSET = 60;

/** Others may take the device that was free a moment ago. */
const ATTEMPTS = 64;

/**
 * Makes `file` a block device, which frees itself when nobody has it open or mounted any more, and runs `use` with its
 * path.
 * @throws Error with an errno's name as `code`
 */
export async function withLoopDevice<T>(
  calls: SystemCalls,
  file: string,
  use: (device: string) => Promise<T>,
): Promise<T> {
  await using control = await open('/dev/loop-control', constants.O_RDWR);
  await using image = await open(file, constants.O_RDWR);
  const config = Buffer.alloc(CONFIG_BYTES);
  config.writeUInt32LE(image.fd, 0);
  config.writeUInt32LE(LO_FLAGS_AUTOCLEAR, FLAGS_OFFSET);
  for (let attempt = 1; ; attempt += 1) {
    const device = `/dev/loop${await calls.ioctl(control.fd, LOOP_CTL_GET_FREE, 0)}`;
    await using loop = await open(device, constants.O_RDWR);
    try {
      await calls.ioctl(loop.fd, LOOP_CONFIGURE, config);
    } catch (error) {
      const isTaken = error instanceof Error && 'code' in error && error.code === 'EBUSY';
      if (isTaken && attempt < ATTEMPTS) continue;
      throw error;
    }
    return await use(device);
  }
}
