import type { StoredId } from './body/facts.ts';
import type { GatewayError } from './errors.ts';

/** The user who got a response, by the provider's name and id of it; null for an unknown one. Throws when it cannot tell. */
export type ResponseOwner = (provider: string, responseId: string) => Promise<string | null>;

/**
 * Whose the objects are that a provider stored of its answers (responses and their items), which all tenants of a real
 * key share.
 */
export type StoredIds = {
  remember(userId: string, provider: string, id: string): void;
  mayUse(userId: string, provider: string, stored: StoredId): boolean | Promise<boolean>;
};

const REMEMBERED = 50_000;
/** Ids of items as the provider makes them: too random to be guessed. */
const RANDOM_ITEM = /^[a-z]{1,16}_[0-9a-f]{32,}$/;

const RESPONSE_ID = /^[\x21-\x7e]{1,200}$/;

/** Whether an id has the form that those of responses have. Others are not looked up, nor kept for it. */
export function isResponseId(id: string): boolean {
  return RESPONSE_ID.test(id);
}

export type StoredIdsOptions = {
  /** How many are remembered in memory. */
  max?: number;
  /** Asked for responses that are not: of another process, or from before this one started. */
  ownerOf?: ResponseOwner | undefined;
};

/**
 * An id that another user got is never let through, nor a response that is not known to be the caller's. An unknown item
 * passes when its id is one of those that cannot be guessed: conversations go on for weeks and refer to items from before
 * this process started.
 */
export function createStoredIds({ max = REMEMBERED, ownerOf }: StoredIdsOptions = {}): StoredIds {
  const owners = new Map<string, string>();

  function remember(userId: string, provider: string, id: string): void {
    const key = keyOf(provider, id);
    if (owners.has(key)) return;
    owners.set(key, userId);
    if (owners.size <= max) return;
    const oldest = owners.keys().next();
    if (!oldest.done) owners.delete(oldest.value);
  }

  return {
    remember,
    mayUse: (userId, provider, { kind, id }) => {
      const owner = owners.get(keyOf(provider, id));
      if (owner !== undefined) return owner === userId;
      if (kind === 'item') return RANDOM_ITEM.test(id);
      if (ownerOf === undefined || !isResponseId(id)) return false;
      return ownerOf(provider, id).then((found) => {
        if (found !== null) remember(found, provider, id);
        return found === userId;
      });
    },
  };
}

/** Names of providers have no spaces. */
function keyOf(provider: string, id: string): string {
  return `${provider} ${id}`;
}

/** Why one of these may not be used, as if it did not exist; null when all may. */
export async function idRefusal(
  known: StoredIds,
  userId: string,
  provider: string,
  named: readonly StoredId[],
): Promise<GatewayError | null> {
  for (const stored of named) {
    if (await known.mayUse(userId, provider, stored)) continue;
    const id = stored.id.slice(0, 100);
    if (stored.kind === 'response') {
      const message = `Previous response with id '${id}' not found.`;
      return { status: 400, code: 'previous_response_not_found', message };
    }
    return { status: 404, code: 'stored_object_not_allowed', message: `Item with id '${id}' not found.` };
  }
  return null;
}
