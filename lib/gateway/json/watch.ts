/**
 * What a scanner looks at in a JSON value: a tree that mirrors the value, possibly with cycles. Everything that is not in
 * it is only checked to be JSON and skipped.
 */
export type Watch = {
  /** The value is collected and told under this name. */
  readonly capture?: string;
  /** Longest value that is collected; of longer ones only their presence is told. Bytes. */
  readonly limit?: number;
  /** The presence of the value is told under this name, when it begins. */
  readonly note?: string;
  /** Keys of the value when it is an object. Several spellings of one key share one Watch. */
  readonly keys?: ReadonlyMap<string, Watch>;
  /** All other keys. */
  rest?: Watch;
  /** Elements of the value when it is an array. */
  items?: Watch;
  /**
   * A watched key that comes twice, or in other letters (`Model`), is a problem: receivers differ in what they take.
   */
  readonly exact?: boolean;
};

/** Longest collected value unless the watch says otherwise. Bytes. */
export const CAPTURE_LIMIT = 4096;

export function capture(name: string, limit: number = CAPTURE_LIMIT): Watch {
  return { capture: name, limit };
}

export function keysOf(keys: Record<string, Watch>): ReadonlyMap<string, Watch> {
  return new Map(Object.entries(keys));
}

/** As lenient receivers compare keys: Go's JSON package folds letters, also two from outside ASCII (U+017F, U+212A). */
export function foldKey(key: string): string {
  return key.toUpperCase().toLowerCase();
}
