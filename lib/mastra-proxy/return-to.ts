import { parseRequestPath } from './request-path.ts';

/** Address of the sign-in page that comes back to `path` afterwards; only paths of our own pages are carried along. */
export function signInUrl(path: string, query: string): string {
  return withReturnTo('/sign-in', path, query);
}

/** The waiting page, which goes on to `path` once the sandbox is ready. */
export function workspaceUrl(path: string, query: string): string {
  return withReturnTo('/workspace', path, query);
}

function withReturnTo(page: string, path: string, query: string): string {
  const parsed = parseRequestPath(`${path}${query}`);
  if (!parsed.ok || !parsed.path.startsWith('/studio')) return page;
  return `${page}?returnTo=${encodeURIComponent(`${parsed.path}${parsed.query}`)}`;
}
