import type { Ledger } from './ledger.ts';

/** No limits and no books: for a gateway that only keeps keys. */
export function createOpenLedger(): Ledger {
  const reservation = { id: 'none', heldMicros: 0 };
  return { reserve: () => reservation, adjust: () => null, settle: () => {} };
}
