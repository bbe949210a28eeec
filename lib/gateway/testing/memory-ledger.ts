import type { CallFacts, Ledger, LimitRefusal, Outcome, Reservation } from '../ledger.ts';

export type Settled = { reservation: Reservation; call: CallFacts; outcome: Outcome };

type Options = {
  refuse?: (call: CallFacts) => LimitRefusal | null;
  keep?: number;
  /** What the end of a call waits for once it is settled. */
  booking?: () => void | Promise<void>;
};

/** A ledger in memory: holds a fixed sum for each call, and keeps the last calls for a test to look at. */
export function createMemoryLedger(options: Options = {}) {
  const { refuse = () => null, keep = 1000, booking = () => {} } = options;
  const settled: Settled[] = [];
  const open = new Set<string>();
  let next = 0;
  const ledger: Ledger = {
    reserve: (call) => {
      const refusal = refuse(call);
      if (refusal !== null) return refusal;
      const reservation = { id: String(next++), heldMicros: 1000 };
      open.add(reservation.id);
      return reservation;
    },
    adjust: (_reservation, call) => refuse(call),
    settle: (reservation, call, outcome) => {
      if (!open.delete(reservation.id)) throw new Error(`Reservation ${reservation.id} is settled twice.`);
      settled.push({ reservation, call, outcome });
      if (settled.length > keep) settled.shift();
      return booking();
    },
  };
  return { ledger, settled, open };
}
