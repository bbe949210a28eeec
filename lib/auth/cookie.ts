import type { Settings } from '../settings.ts';

export const COOKIE_PREFIX = 'shmastra';

/** Cookies are `Secure` when browsers come by https. */
export function usesSecureCookies(settings: Pick<Settings, 'publicUrl'>): boolean {
  return settings.publicUrl.startsWith('https://');
}

/** The name of the session cookie, as better-auth makes it. */
export function sessionCookieName(settings: Pick<Settings, 'publicUrl'>): string {
  return `${usesSecureCookies(settings) ? '__Secure-' : ''}${COOKIE_PREFIX}.session_token`;
}
