import { usesSecureCookies } from '../auth/cookie.ts';
import type { Settings } from '../settings.ts';

/** As many cookies of our name are looked at: an app on a sibling name may have set one beside ours. */
const MAX_LOOKED_AT = 4;
const MAX_COOKIE_HEADER = 16_384;

/** `__Host-`: browsers take it from this host alone. Without TLS they know no such cookie. */
function cookieName(settings: Pick<Settings, 'publicUrl'>): string {
  return usesSecureCookies(settings) ? '__Host-shmastra-app' : 'shmastra-app';
}

/** The Set-Cookie header of an app session: for this host alone, not for scripts, not with what other sites cause. */
export function appCookie(settings: Pick<Settings, 'publicUrl'>, token: string, maxAgeSeconds: number): string {
  const secure = usesSecureCookies(settings) ? '; Secure' : '';
  return `${cookieName(settings)}=${token}; Path=/; Max-Age=${maxAgeSeconds}; HttpOnly; SameSite=Lax${secure}`;
}

/** The tokens that a Cookie header carries; more than one when somebody set another beside ours. */
export function readAppCookies(settings: Pick<Settings, 'publicUrl'>, header: string | undefined): string[] {
  if (header === undefined || header.length > MAX_COOKIE_HEADER) return [];
  const prefix = `${cookieName(settings)}=`;
  return header
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length))
    .filter((token) => /^[\w-]{43}$/.test(token))
    .slice(0, MAX_LOOKED_AT);
}
