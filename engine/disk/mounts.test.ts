import { describe, expect, it } from 'vitest';
import { mountsBelow } from './mounts.ts';

const MOUNTINFO = [
  '22 1 254:0 / / rw - ext4 /dev/vda rw',
  '40 22 7:0 / /run/x/i1/disk rw - ext4 /dev/loop0 rw',
  '41 22 0:50 / /run/x/i1/rootfs rw - overlay overlay rw',
  '42 22 7:1 / /run/x/i11/disk rw - ext4 /dev/loop1 rw',
  '43 22 7:2 / /run/with\\040space/disk rw - ext4 /dev/loop2 rw',
  '',
].join('\n');

describe('mountsBelow', () => {
  it('gives the last mount first and no neighbour', () => {
    expect(mountsBelow('/run/x/i1', MOUNTINFO)).toEqual(['/run/x/i1/rootfs', '/run/x/i1/disk']);
    expect(mountsBelow('/run/x', MOUNTINFO)).toHaveLength(3);
  });
  it('decodes names', () => {
    expect(mountsBelow('/run/with space', MOUNTINFO)).toEqual(['/run/with space/disk']);
  });
});
