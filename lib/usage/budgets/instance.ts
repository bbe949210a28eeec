import { sql } from 'kysely';
import type { Context } from '../../context.ts';

/** This process among those that hold leases. */
export type InstanceLease = {
  /** Registers it, if it is not yet. Throws while Postgres is away. */
  register(): Promise<void>;
  /** False once nobody could be told for so long that others may take this instance for dead. */
  isValid(): boolean;
  /** Instances that are alive, with this one. */
  others(): number;
  /** Renews it no more. */
  stop(): Promise<void>;
};

export type InstanceOptions = {
  journal: 'disk' | 'database';
  /** Others took this instance for dead and its leases away. */
  onLost(): void;
};

/** Seconds that a registration lasts without being renewed. */
export const INSTANCE_TTL_SECONDS = 60;
const BEAT_MS = 10_000;
/** It stops using its leases this long before others may take them. */
const MARGIN_MS = 10_000;

/**
 * Registers this process and keeps it registered. The time of the last success is taken before the question is sent, and
 * from a clock that nobody sets.
 */
export function createInstanceLease(
  context: Pick<Context, 'database' | 'log' | 'instance'>,
  options: InstanceOptions,
): InstanceLease {
  const { database, log, instance } = context;
  let validUntil = -Infinity;
  let alive = 1;
  let registered = false;
  let beating: Promise<void> | undefined;
  const beatAnyway = (): Promise<void> =>
    beat().catch((error: unknown) => log.warn({ err: error }, 'the lease of budgets was not renewed'));
  const timer = setInterval(() => void beatAnyway(), BEAT_MS);
  timer.unref();

  function beat(): Promise<void> {
    beating ??= renew().finally(() => (beating = undefined));
    return beating;
  }

  async function renew(): Promise<void> {
    const asked = performance.now();
    const { rows } = await sql<{ inserted: boolean; alive: number }>`
      with own as (
        insert into usage_instances (instance, journal, expires_at)
        values (${instance}, ${options.journal}, clock_timestamp() + make_interval(secs => ${INSTANCE_TTL_SECONDS}))
        on conflict (instance) do update set expires_at = excluded.expires_at
        returning xmax = 0 as inserted
      )
      select own.inserted,
        (select count(*) from usage_instances
          where expires_at > clock_timestamp() and instance <> ${instance}) + 1 as alive
      from own`.execute(database.db);
    if (rows[0]?.inserted && registered) options.onLost();
    registered = true;
    alive = Number(rows[0]?.alive ?? 1);
    validUntil = asked + INSTANCE_TTL_SECONDS * 1_000 - MARGIN_MS;
  }

  // Also without budgets: the limits are shared among those that are registered.
  const first = beatAnyway();
  return {
    register: () => (registered && performance.now() < validUntil ? Promise.resolve() : beat()),
    isValid: () => performance.now() < validUntil,
    others: () => alive,
    stop: async () => {
      clearInterval(timer);
      await first;
      await beating?.catch(() => {});
    },
  };
}
