import { readUsage, type Usage } from '../api/usage.ts';
import type { ChatContext } from './context.ts';
import { cost } from './time.ts';

const AGAIN_MS = 60_000;

/** Looks how the budget stands, so that nobody learns it from a refusal. */
export function createBudget({ store, fetch, now }: Pick<ChatContext, 'store' | 'fetch' | 'now'>) {
  let askedAt = Number.NEGATIVE_INFINITY;
  /** What this said; a refusal says more, and is not taken back here. */
  let said: string | null = null;

  return {
    /** At most once a minute. What fails is left for the next time. */
    async look(): Promise<void> {
      const { info } = store.getState();
      // The demo model costs nothing, so a spent budget stops nobody.
      if (info === null || info.demo || now() - askedAt < AGAIN_MS) return;
      askedAt = now();
      try {
        show(await readUsage(fetch));
      } catch {
        // It is only a notice.
      }
    },
  };

  function show(usage: Usage): void {
    const { spent, warning } = wordsOf(usage);
    const { budgetSpent } = store.getState();
    const kept = budgetSpent === said ? null : budgetSpent;
    store.setState({ budgetWarning: warning, budgetSpent: spent ?? kept });
    said = spent;
  }
}

/** What is said of a budget: a warning above the composer, or in its place that nothing is left. */
export function wordsOf({ spentMicros, limitMicros, resetsAt, state }: Usage): {
  spent: string | null;
  warning: string | null;
} {
  if (limitMicros === null || state === 'ok') return { spent: null, warning: null };
  const amount = `${cost(spentMicros)} of ${cost(limitMicros)}`;
  const resets = `Resets ${new Date(resetsAt).toLocaleDateString('en-GB', { day: 'numeric', month: 'long' })}.`;
  if (state === 'spent') return { spent: `Budget spent: ${amount}. ${resets}`, warning: null };
  const percent = Math.floor((spentMicros / limitMicros) * 100);
  return { spent: null, warning: `${percent}% of the budget is used: ${amount}. ${resets}` };
}
