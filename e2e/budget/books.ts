import type { Database } from '../../lib/db/database.ts';
import { NO_USAGE } from '../../lib/gateway/ledger.ts';
import { createPriceBook } from '../../lib/usage/prices/book.ts';
import { costMicros } from '../../lib/usage/prices/cost.ts';
import type { ServedCall } from './double.ts';

/** The settings' default, which the proof leaves as it is. */
const BYTES_PER_TOKEN = 2;

export type Comparison = {
  events: number;
  exact: number;
  estimated: number;
  /** Exact events whose cost is not what the double counted; has to be 0. */
  wrongCosts: number;
  /** Estimates that are not what was reserved; has to be 0. */
  wrongEstimates: number;
  /** Calls that the double served and nobody wrote down, or more than once; has to be 0. */
  missing: number;
  /** Of the estimates: calls whose process was killed. */
  lost: number;
  /** Of the estimates: calls that the provider never read, because the process died or the caller left just then. */
  neverSent: number;
  /** Events of calls that cost nothing: refused by the provider, or over before they were sent. */
  free: number;
  /** Cost of all events, and what the double has really made, in micro-dollars. */
  eventMicros: number;
  servedMicros: number;
  /** By how much reservations were too low, over all calls. */
  underEstimatedMicros: number;
};

/** The gateway's books beside the double's own, call by call. */
export async function compareBooks({ db }: Database, served: Map<string, ServedCall>): Promise<Comparison> {
  const events = await db.selectFrom('usage_events').selectAll().execute();
  const price = createPriceBook().find('openai', 'gpt-5-mini')?.price;
  if (!price) throw new Error('gpt-5-mini has no price');
  const costOf = ({ inputTokens, outputTokens }: ServedCall) =>
    costMicros(price, { ...NO_USAGE, inputTokens, outputTokens });
  const found: Comparison = {
    events: events.length,
    exact: 0,
    estimated: 0,
    wrongCosts: 0,
    wrongEstimates: 0,
    missing: 0,
    lost: 0,
    neverSent: 0,
    free: 0,
    eventMicros: 0,
    servedMicros: 0,
    underEstimatedMicros: 0,
  };
  const written = new Map<string, number>();
  for (const event of events) {
    written.set(event.request_id ?? '', (written.get(event.request_id ?? '') ?? 0) + 1);
    found.eventMicros += event.cost_micros;
    const call = served.get(event.request_id ?? '');
    if (event.estimated) {
      found.estimated += 1;
      if (event.outcome === 'lost') found.lost += 1;
      if (!call) found.neverSent += 1;
      else if (event.cost_micros !== heldFor(call)) found.wrongEstimates += 1;
    } else if (event.cost_micros > 0) {
      found.exact += 1;
      if (!call || event.cost_micros !== costOf(call)) found.wrongCosts += 1;
    } else {
      found.free += 1;
      if (call && call.outputTokens > 0) found.wrongCosts += 1;
    }
  }
  for (const [id, call] of served) {
    if (written.get(id) !== 1) found.missing += 1;
    found.servedMicros += costOf(call);
    found.underEstimatedMicros += Math.max(0, costOf(call) - heldFor(call));
  }
  return found;
}

/** gpt-5-mini: 0.25 dollars a million in, 2 out. */
function heldFor({ requestBytes, maxTokens }: ServedCall): number {
  return Math.ceil(Math.ceil(requestBytes / BYTES_PER_TOKEN) * 0.25 + maxTokens * 2);
}
