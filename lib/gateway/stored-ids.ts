import type { StoredId } from './body/facts.ts';
import type { GatewayError } from './errors.ts';

/**
 * Whose the objects are that a provider stored of its answers (responses and their items), which all tenants of a real
 * key share.
 */
export type StoredIds = {
  remember(userId: string, id: string): void;
  mayUse(userId: string, stored: StoredId): boolean | Promise<boolean>;
};

const REMEMBERED = 50_000;
/** Ids of items as the provider makes them: too random to be guessed. */
const RANDOM_ITEM = /^[a-z]{1,16}_[0-9a-f]{32,}$/;

/**
 * Remembers in memory, the last ones. An id that another user got is never let through, nor a response that is not known
 * to be the caller's. An unknown item passes when its id is one of those that cannot be guessed: conversations go on
 * for weeks and refer to items from before this process started.
 */
export function createStoredIds(max: number = REMEMBERED): StoredIds {
  const owners = new Map<string, string>();
  return {
    remember: (userId, id) => {
      if (owners.has(id)) return;
      owners.set(id, userId);
      if (owners.size <= max) return;
      const oldest = owners.keys().next();
      if (!oldest.done) owners.delete(oldest.value);
    },
    mayUse: (userId, { kind, id }) => {
      const owner = owners.get(id);
      if (owner !== undefined) return owner === userId;
      return kind === 'item' && RANDOM_ITEM.test(id);
    },
  };
}

/** Why one of these may not be used, as if it did not exist; null when all may. */
export async function idRefusal(
  known: StoredIds,
  userId: string,
  named: readonly StoredId[],
): Promise<GatewayError | null> {
  for (const stored of named) {
    if (await known.mayUse(userId, stored)) continue;
    const id = stored.id.slice(0, 100);
    if (stored.kind === 'response') {
      const message = `Previous response with id '${id}' not found.`;
      return { status: 400, code: 'previous_response_not_found', message };
    }
    return { status: 404, code: 'stored_object_not_allowed', message: `Item with id '${id}' not found.` };
  }
  return null;
}
