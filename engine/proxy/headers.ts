/** Belong to one connection, not to the message (RFC 9110, 7.6.1). */
const HOP_BY_HOP = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** For the engine only. */
const ENGINE_ONLY = new Set(['e2b-traffic-access-token', 'x-api-key']);

/**
 * Headers to pass on, in their order, case and number. `raw` is Node's list of alternating names and values.
 * @param drop further names, in lower case
 */
export function passHeaders(
  raw: string[],
  connection: string | undefined,
  drop: ReadonlySet<string> = ENGINE_ONLY,
): string[] {
  const named = new Set((connection ?? '').split(',').map((name) => name.trim().toLowerCase()));
  const passed: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index] ?? '';
    const key = name.toLowerCase();
    if (HOP_BY_HOP.has(key) || drop.has(key) || (named.has(key) && key !== 'content-length')) continue;
    passed.push(name, raw[index + 1] ?? '');
  }
  return passed;
}
