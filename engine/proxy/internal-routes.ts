import path from 'node:path';

/** What the engine alone asks of envd. Its caller has envd's token, which the owner of the sandbox has as well. */
const INTERNAL = new Set(['/init', '/freeze', '/unfreeze', '/fsfreeze', '/fsthaw', '/collapse', '/upgrade']);

/**
 * Whether a request for envd must not come from outside, whatever its method.
 * @param pathname as it came, perhaps in another spelling of the same path
 */
export function isInternal(pathname: string): boolean {
  let decoded = pathname;
  try {
    decoded = decodeURIComponent(pathname);
  } catch {
    // Not a path that envd would take for one of these either.
  }
  return INTERNAL.has(path.posix.normalize(`/${decoded}`).replace(/(?<=.)\/+$/, ''));
}
