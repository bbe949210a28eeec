/**
 * Where to send a person after signing in. Only a path on this origin is kept: `//host`, `/\host`, schemes and control
 * characters (which browsers drop before parsing) are ways to leave it or to run a script.
 */
export function safeReturnTo(value: string | null | undefined, fallback = '/workspace'): string {
  if (!value || value.length > 2_000 || !value.startsWith('/')) return fallback;
  // Backslashes count as slashes in browsers; characters up to space and DEL are stripped by them.
  // oxlint-disable-next-line no-control-regex -- these characters are what is looked for
  if (/[\\\u0000-\u0020\u007f]/.test(value)) return fallback;
  const base = 'http://origin.invalid';
  if (!URL.canParse(value, base)) return fallback;
  const url = new URL(value, base);
  if (url.origin !== base || url.pathname.startsWith('//')) return fallback;
  return `${url.pathname}${url.search}${url.hash}`;
}
