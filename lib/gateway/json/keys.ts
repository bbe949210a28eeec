import { parsed } from './bytes.ts';
import { foldKey, type Watch } from './watch.ts';

/** Longest key that may be a watched one; an escaped character takes six bytes. */
export const KEY_LIMIT = 256;

/** Keys of which no other spelling is one of ours, except by letters that are not here. */
const PLAIN_KEY = /^[a-z0-9_]*$/;

/** Why a key is refused: receivers may differ in what key it is, or in which of two they take. */
export type KeyProblem = 'not_json' | 'duplicate_key' | 'ambiguous_key';

/**
 * The watch of a key in an object, undefined when it is not one of those that are watched by name.
 * @param raw the key between its quotes, one character per byte
 * @param escaped it has escapes
 */
export function watchOfKey(watch: Watch, raw: string, escaped: boolean): Watch | undefined | KeyProblem {
  if (watch.keys === undefined || raw.length > KEY_LIMIT) return undefined;
  const found = escaped ? undefined : watch.keys.get(raw);
  if (found !== undefined || (!escaped && PLAIN_KEY.test(raw))) return found;
  const text = keyText(raw);
  if (text === null) return watch.exact === true ? 'not_json' : undefined;
  const spelled = watch.keys.get(text);
  if (spelled !== undefined || watch.exact !== true) return spelled;
  return isFolded(watch.keys, text) ? 'ambiguous_key' : undefined;
}

/** Null when it is not valid UTF-8. */
export function keyText(raw: string): string | null {
  const text = parsed(`"${raw}"`);
  return typeof text === 'string' ? text : null;
}

const foldedKeys = new WeakMap<ReadonlyMap<string, Watch>, ReadonlySet<string>>();

function isFolded(keys: ReadonlyMap<string, Watch>, text: string): boolean {
  let folded = foldedKeys.get(keys);
  if (folded === undefined) {
    folded = new Set([...keys.keys()].map(foldKey));
    foldedKeys.set(keys, folded);
  }
  return folded.has(foldKey(text));
}
