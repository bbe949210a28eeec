/**
 * The path of a request, checked before anything is decided by it. Whatever two parsers could read in two ways
 * (encoded slashes, dot segments, backslashes, NUL) is refused, so that a rule about a path holds at every later hop.
 */
export type RequestPath = { ok: true; path: string; query: string } | { ok: false; reason: string };

/** Longest request target that is looked at; longer ones are refused. Characters. */
export const MAX_TARGET_LENGTH = 8192;

// A slash, backslash, dot or NUL that is encoded once more (%252f) is refused too: some servers decode twice.
const AMBIGUOUS_ESCAPE = /%(?:25)*(?:2f|5c|00)/i;
const ENCODED_DOT = /%(?:25)*2e/gi;
const DOT_SEGMENT = /\/\.{1,2}(?:\/|$)/;
// eslint-disable-next-line no-control-regex -- finding control characters is the purpose
const CONTROL_OR_SPACE = /[\u0000-\u0020\u007f]/;

export function parseRequestPath(target: string): RequestPath {
  if (target.length > MAX_TARGET_LENGTH) return refuse('The address is too long.');
  if (!target.startsWith('/')) return refuse('The address has to be a path.');
  if (CONTROL_OR_SPACE.test(target)) return refuse('The address contains a control character.');
  const mark = target.indexOf('?');
  const path = mark === -1 ? target : target.slice(0, mark);
  const query = mark === -1 ? '' : target.slice(mark);
  if (path.includes('#') || query.includes('#')) return refuse('The address contains a fragment.');
  if (path.includes('\\')) return refuse('The path contains a backslash.');
  if (path.startsWith('//')) return refuse('The path starts with two slashes.');
  const escapes = path.includes('%') ? escapeProblem(path) : null;
  if (escapes !== null) return refuse(escapes);
  if (DOT_SEGMENT.test(path.includes('%') ? path.replace(ENCODED_DOT, '.') : path)) {
    return refuse('The path contains a dot segment.');
  }
  return { ok: true, path, query };
}

function escapeProblem(path: string): string | null {
  if (AMBIGUOUS_ESCAPE.test(path)) return 'The path contains an encoded slash, backslash or NUL.';
  try {
    decodeURIComponent(path);
    return null;
  } catch {
    return 'The path contains an invalid escape.';
  }
}

function refuse(reason: string): RequestPath {
  return { ok: false, reason };
}

/** The part of `path` below `prefix` (with its leading slash), or null when it is not below it. `/a` is below `/a` as ``. */
export function pathBelow(path: string, prefix: string): string | null {
  if (path === prefix) return '';
  return path.startsWith(`${prefix}/`) ? path.slice(prefix.length) : null;
}
