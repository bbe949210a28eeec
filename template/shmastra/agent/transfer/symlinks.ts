import { posix } from 'node:path';

/** Whether a link of a project leads out of it, or to what is never exported. */
export function leadsOutside(path: string, target: string): boolean {
  if (target === '' || target.startsWith('/') || target.includes('\0')) return true;
  const names = posix.normalize(posix.join(posix.dirname(path), target)).split('/');
  return names[0] === '..' || names[0] === '.git' || names.some((name) => /^\.env(\.|$)/.test(name));
}
