import type { StoredId } from './body/facts.ts';
import type { GatewayError } from './errors.ts';

/** The user who got a response, by the provider's name and id of it; null for an unknown one. Throws when it cannot tell. */
export type ResponseOwner = (provider: string, responseId: string) => Promise<string | null>;

/**
 * Whose the objects are that a provider stored of its answers (responses and their items), which all tenants of a real
 * key share.
 */
export type StoredIds = {
  remember(userId: string, provider: string, stored: StoredId): void;
  mayUse(userId: string, provider: string, stored: StoredId): boolean | Promise<boolean>;
};

const REMEMBERED = 50_000;
/** Longer than another process takes to book the end of a call. Milliseconds. */
const BOOKING_MS = 300;
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
  /** Without it a response is known to the process that passed it, and nowhere else. */
  ownerOf?: ResponseOwner | undefined;
  bookingMs?: number;
};

/**
 * An id that another user got is never let through, nor a response that is not known to be the caller's. An unknown item
 * passes when its id is one of those that cannot be guessed: conversations go on for weeks and refer to items from before
 * this process started.
 */
export function createStoredIds({
  max = REMEMBERED,
  ownerOf,
  bookingMs = BOOKING_MS,
}: StoredIdsOptions = {}): StoredIds {
  const seen = new Map<string, string>();

  /** What is booked counts before what passed here: some providers let callers choose the id of an answer. */
  async function responseOwner(provider: string, id: string, lookUp: ResponseOwner): Promise<string | null> {
    const booked = (await lookUp(provider, id)) ?? seen.get(keyOf(provider, { kind: 'response', id }));
    if (booked !== undefined) return booked;
    // It may have ended in another process a moment ago.
    await new Promise((resolve) => setTimeout(resolve, bookingMs));
    return lookUp(provider, id);
  }

  return {
    remember: (userId, provider, stored) => {
      const key = keyOf(provider, stored);
      if (seen.has(key)) return;
      seen.set(key, userId);
      if (seen.size <= max) return;
      const oldest = seen.keys().next();
      if (!oldest.done) seen.delete(oldest.value);
    },
    mayUse: (userId, provider, stored) => {
      const owner = seen.get(keyOf(provider, stored));
      if (stored.kind === 'item') return owner === undefined ? RANDOM_ITEM.test(stored.id) : owner === userId;
      if (ownerOf === undefined) return owner === userId;
      if (!isResponseId(stored.id)) return false;
      return responseOwner(provider, stored.id, ownerOf).then((found) => found === userId);
    },
  };
}

/** Names of providers have no spaces. */
function keyOf(provider: string, { kind, id }: StoredId): string {
  return `${kind} ${provider} ${id}`;
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
