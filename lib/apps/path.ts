import { parseRequestPath, pathBelow } from '../mastra-proxy/request-path.ts';

/** Name of an app: its folder below `public/apps` in the project. */
const APP_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/;
/** Where a ticket is turned into a session of the apps' origin. */
export const ENTER_PATH = '/enter';

export function isAppName(name: string): boolean {
  return APP_NAME.test(name);
}

export function appPath(name: string): string {
  return `/apps/${name}/`;
}

/** What an address on the apps' origin means. */
export type AppsTarget =
  | { kind: 'enter' }
  /** A file or page of an app. */
  | { kind: 'app' }
  /** An app's address without its last slash, without which its relative links lead elsewhere. */
  | { kind: 'bare_app'; location: string }
  /** The project's API, which apps talk to. */
  | { kind: 'api' }
  /** All else: what the sandbox's server has there is for the control plane alone. */
  | { kind: 'nothing' };

/** @param path checked by `parseRequestPath` */
export function readAppsPath(path: string): AppsTarget {
  if (path === ENTER_PATH) return { kind: 'enter' };
  if (path.startsWith('/api/')) return { kind: 'api' };
  const below = pathBelow(path, '/apps');
  if (below === null) return { kind: 'nothing' };
  const [, name = '', ...rest] = below.split('/');
  if (!isAppName(name)) return { kind: 'nothing' };
  return rest.length === 0 ? { kind: 'bare_app', location: appPath(name) } : { kind: 'app' };
}

/** A Location that an app's server answered: kept when it leads to what may be reached here, else dropped. */
export function keepAppsLocation(location: string | undefined): string | null {
  const parsed = location === undefined ? null : parseRequestPath(location);
  if (!parsed?.ok) return null;
  const { kind } = readAppsPath(parsed.path);
  return kind === 'app' || kind === 'bare_app' || kind === 'api' ? `${parsed.path}${parsed.query}` : null;
}
