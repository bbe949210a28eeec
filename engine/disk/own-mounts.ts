import { runDirectory } from '../config.ts';

/**
 * Arguments of unshare(1) for a program that mounts and unmounts in a view of its own, gone when it ends. Its view begins
 * with copies of the sandboxes' disks, which nobody could start again meanwhile: they are detached in it first.
 * @param runDir of all engines of the machine, as a pattern of the shell
 */
export function withOwnMounts(program: string, args: string[], runDir = runDirectory('*')): string[] {
  const script = `for mount in ${runDir}/*/disk ${runDir}/*/rootfs; do umount --lazy "$mount" 2>/dev/null; done; exec "$@"`;
  return ['--mount', 'sh', '-c', script, 'sh', program, ...args];
}
