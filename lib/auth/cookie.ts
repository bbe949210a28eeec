import type { Settings } from '../settings.ts';

/** Cookies are `Secure` when browsers come by https. */
export function usesSecureCookies(settings: Pick<Settings, 'publicUrl'>): boolean {
  return settings.publicUrl.startsWith('https://');
}

/** `__Host-`: browsers take such a cookie from this host alone, not from a page on another name of the same domain. */
export function cookiePrefix(settings: Pick<Settings, 'publicUrl'>): string {
  return `${usesSecureCookies(settings) ? '__Host-' : ''}shmastra`;
}

/** The name of the session cookie, as better-auth makes it. */
export function sessionCookieName(settings: Pick<Settings, 'publicUrl'>): string {
  return `${cookiePrefix(settings)}.session_token`;
}
