import { createHmac } from 'node:crypto';
import type { Settings } from '../settings.ts';

/**
 * Web apps that users build are served below APPS_DOMAIN, one origin per sandbox: what one app does reaches neither the
 * control plane's origin nor another person's apps.
 */
export type AppsSettings = Pick<Settings, 'publicUrl' | 'appsDomain' | 'authSecret'>;

/**
 * The name of a sandbox's origin. It follows from the row, so that it is stable while the engine's sandboxes come and
 * go, and tells nobody the engine's id or the user's.
 */
export function appsLabel(settings: Pick<Settings, 'authSecret'>, sandbox: string): string {
  const key = createHmac('sha256', settings.authSecret).update('names of app origins').digest();
  return createHmac('sha256', key).update(sandbox).digest('hex').slice(0, 32);
}

/** Scheme and port are those of the control plane: the same front serves both. */
export function appsOrigin(settings: Pick<Settings, 'publicUrl' | 'appsDomain'>, label: string): string {
  const { protocol, port } = new URL(settings.publicUrl);
  return `${protocol}//${label}.${settings.appsDomain}${port === '' ? '' : `:${port}`}`;
}

/** False where people come to a real name and APPS_DOMAIN is still one that means each one's own machine. */
export function appsAreReachable(settings: Pick<Settings, 'publicUrl' | 'appsDomain'>): boolean {
  const isLocal = (name: string): boolean => /(?:^|\.)localhost$|^127\.|^\[::1\]$/.test(name);
  return isLocal(new URL(settings.publicUrl).hostname) || !isLocal(settings.appsDomain);
}

export type AppsHost = { /** Null for the domain itself, and for names of more than one part. */ label: string | null };

/** What a Host header says about apps; null for every host that is not of APPS_DOMAIN. */
export function readAppsHost(host: string | undefined, appsDomain: string): AppsHost | null {
  const name = (host ?? '').toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '');
  if (name === appsDomain) return { label: null };
  if (!name.endsWith(`.${appsDomain}`)) return null;
  const label = name.slice(0, -appsDomain.length - 1);
  return { label: /^[0-9a-f]{32}$/.test(label) ? label : null };
}
