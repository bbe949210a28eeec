import pg from 'pg';
import { vi } from 'vitest';
import type { CallFacts, Ledger, Reservation } from '../gateway/ledger.ts';
import { eventually } from '../testing.ts';
import { anOutcome, granted } from './testing-calls.ts';

/** Reserves until that asks Postgres for nothing; what was reserved before is settled for nothing. */
export async function reservedInMemory(ledger: Ledger, call: CallFacts): Promise<Reservation> {
  const asked = vi.spyOn(pg.Client.prototype, 'query');
  try {
    return await eventually(async () => {
      const before = asked.mock.calls.length;
      const reservation = granted(await ledger.reserve(call));
      if (asked.mock.calls.length === before) return reservation;
      await ledger.settle(reservation, call, anOutcome({ billable: false }));
      return null;
    });
  } finally {
    asked.mockRestore();
  }
}
