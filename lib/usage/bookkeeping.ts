import type { Context } from '../context.ts';
import { type Account } from './budgets/account.ts';
import { type Accounts, createAccounts } from './budgets/accounts.ts';
import { createInstanceLease } from './budgets/instance.ts';
import type { UsageEvent } from './events/event.ts';
import { createFlusher } from './events/flusher.ts';
import { writeEvents } from './events/write.ts';
import { writeOrSetAside } from './events/write-or-set-aside.ts';
import { createDatabaseJournal } from './journal/database.ts';
import { createDiskJournal } from './journal/disk.ts';
import type { Journal } from './journal/journal.ts';
import { recoverDead, releaseInstance } from './journal/recover.ts';
import { createCalendar } from './periods.ts';

/** Accounts, journal and events of this process, and what keeps them in line with Postgres. */
export type Bookkeeping = {
  accounts: Accounts;
  journal: Journal;
  /** False while so much waits for Postgres that nothing new should begin. */
  hasRoom(): boolean;
  /** Instances that share the limits. */
  instances(): number;
  /** Resolves when the journal has it. */
  ended(event: UsageEvent, accounts: readonly Account[]): Promise<void>;
  flush(): Promise<void>;
  /** @param clean no call is open: the journal goes too */
  close(clean: boolean): Promise<void>;
};

/** Events that wait for Postgres, at most: some minutes of a busy installation. */
const MAX_WAITING = 20_000;
const TIDY_MS = 5_000;
const RECOVER_MS = 15_000;
/** A disk keeps events safe while they wait for company; without one they are written at once. */
const DELAY_MS = { disk: 250, database: 5 };

export function createBookkeeping(context: Context): Bookkeeping {
  const { log, instance } = context;
  const { journal: kind, journalFolder, timeZone } = context.settings.usage;
  const calendar = createCalendar(timeZone);
  const lease = createInstanceLease(context, { journal: kind, onLost: () => accounts.reset() });
  const accounts: Accounts = createAccounts(context, calendar, lease);
  const journal =
    kind === 'disk'
      ? createDiskJournal({ folder: journalFolder, instance, log })
      : createDatabaseJournal(context, lease.register);
  const accountsOf = new Map<string, readonly Account[]>();
  const flusher = createFlusher({ log, write, delayMs: DELAY_MS[kind] });

  async function write(events: readonly UsageEvent[]): Promise<void> {
    const setAside = await writeOrSetAside(log, events, writeTogether);
    // What they were held for stays used on the accounts.
    for (const id of setAside) accountsOf.delete(id);
    journal.written(setAside);
  }

  async function writeTogether(events: readonly UsageEvent[]): Promise<void> {
    const { ids, charges } = await writeEvents(context, calendar, instance, events);
    for (const { budget, periodStart, fromLeaseMicros } of charges) {
      const account = accounts.find(budget, periodStart);
      if (account) account.grantedMicros -= fromLeaseMicros;
    }
    for (const event of events) {
      for (const account of accountsOf.get(event.id) ?? []) {
        account.usedMicros -= event.cost;
        // Written by an attempt of which no answer came: it took the cost from the lease then.
        if (!ids.has(event.id)) account.grantedMicros -= event.cost;
      }
      accountsOf.delete(event.id);
    }
    journal.written(events.map(({ id }) => id));
  }

  function repeat(everyMs: number, what: string, work: () => Promise<void>): () => void {
    let running = false;
    const round = async (): Promise<void> => {
      if (running) return;
      running = true;
      await work().catch((error: unknown) => log.warn({ err: error }, what));
      running = false;
    };
    const timer = setInterval(() => void round(), everyMs);
    timer.unref();
    return () => clearInterval(timer);
  }

  const recover = () => recoverDead(context, calendar, kind === 'disk' ? journalFolder : null);
  const stops = [
    repeat(TIDY_MS, 'budgets were not tidied', () => accounts.tidy()),
    repeat(RECOVER_MS, 'the usage of dead processes was not recovered', recover),
  ];
  const first = recover().catch((error: unknown) =>
    log.warn({ err: error }, 'the usage of dead processes was not recovered yet'),
  );

  return {
    accounts,
    journal,
    hasRoom: () => flusher.waiting() < MAX_WAITING && journal.hasRoom(),
    instances: lease.others,
    ended(event, held) {
      accountsOf.set(event.id, held);
      flusher.add(event);
      return journal.ended(event);
    },
    flush: () => flusher.flush(),
    async close(clean) {
      for (const stop of stops) stop();
      accounts.close();
      await Promise.all([first, lease.stop()]);
      try {
        await flusher.flush();
        await accounts.tidy({ all: true });
        // What is open is recovered from the journal, and its lease comes back with it.
        if (clean) {
          await releaseInstance(context, instance, false);
          await journal.remove();
        }
      } catch (error) {
        log.warn({ err: error }, 'usage was not written at the end; the next start does it');
      } finally {
        flusher.stop();
      }
    },
  };
}
