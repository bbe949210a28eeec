import type * as z from 'zod/mini';

export type KeyValueStore = Pick<Storage, 'getItem' | 'setItem' | 'removeItem'>;

const PREFIX = 'shmastra:';
/** Characters of one value; the browser gives an origin about five million, which Studio shares. */
const MAX_VALUE = 200_000;

/**
 * What the widget remembers in this browser. A browser that refuses storage, or is full, costs the memory of it and
 * nothing else.
 */
export function createMemory(store: KeyValueStore | null) {
  return {
    read<T>(key: string, schema: z.ZodMiniType<T>): T | null {
      try {
        const text = store?.getItem(PREFIX + key) ?? null;
        if (text === null) return null;
        const parsed = schema.safeParse(JSON.parse(text));
        return parsed.success ? parsed.data : null;
      } catch {
        return null;
      }
    },
    write(key: string, value: unknown): void {
      try {
        const text = value === null ? null : JSON.stringify(value);
        if (text === null) store?.removeItem(PREFIX + key);
        else if (text.length <= MAX_VALUE) store?.setItem(PREFIX + key, text);
      } catch {
        // full, or refused
      }
    },
  };
}

export type Memory = ReturnType<typeof createMemory>;

/** The browser's storage, or null where reading the property already throws. */
export function browserStorage(): Storage | null {
  try {
    return window.localStorage;
  } catch {
    return null;
  }
}
