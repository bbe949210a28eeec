import { sql } from 'kysely';

/** The database's clock at this very moment: one clock for all processes, and it moves within a transaction. */
export const databaseNow = sql<Date>`clock_timestamp()`;
