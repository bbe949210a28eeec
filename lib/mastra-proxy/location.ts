import { parseRequestPath } from './request-path.ts';

/**
 * A Location that a sandbox answered, as a path below the mount (`/api/mastra`), or null to drop it. Only absolute
 * paths pass: with anything else code in a sandbox would choose where the visitor's browser goes.
 */
export function rewriteLocation(location: string | undefined, mountPath: string): string | null {
  if (location === undefined || location.includes('#')) return null;
  const parsed = parseRequestPath(location);
  return parsed.ok ? `${mountPath}${parsed.path}${parsed.query}` : null;
}
