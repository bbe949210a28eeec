/**
 * `npm run proof:budget -- [--json]`: 1,000 concurrent callers from 4 processes, on 4 fronts, against a budget of 5 dollars,
 * with a double of the provider that counts for itself. Once in peace; once while 30% of the callers hang up at random and
 * two fronts are killed with -9.
 */
import { formatMicros } from '../../lib/usage/money.ts';
import { report, type Target } from '../../bench/report.ts';
import { LIMIT_MICROS, runOnce } from './run.ts';

const figures: Record<string, number> = {};
const targets: Record<string, Target> = {};
for (const [name, options] of Object.entries({
  peace: { hangUps: 0, kills: 0 },
  chaos: { hangUps: 0.3, kills: 2 },
})) {
  const { clients, ...result } = await runOnce(options);
  for (const [figure, value] of Object.entries({ ...result, ...clients })) figures[`${name}.${figure}`] = value;
  const most = (what: string, value: number, target: number) => {
    targets[`${name}.${what}`] = { target, value, ok: value <= target };
  };
  const bound = LIMIT_MICROS + result.underEstimatedMicros;
  most('spent and reserved at its highest', result.highestSeenMicros, bound);
  most('spent at the end', result.spentMicros, bound);
  most('made by the provider', result.servedMicros, bound);
  most('difference of budget and events', Math.abs(result.spentMicros - result.eventMicros), 0);
  most('leased afterwards', result.leasedAfterwardsMicros, 0);
  most('exact events that differ from the provider', result.wrongCosts, 0);
  most('estimates that differ from the reservation', result.wrongEstimates, 0);
  most('calls that are missing or twice', result.missing, 0);
  most('other answers', clients.other, 0);
  targets[`${name}.budget used`] = {
    target: LIMIT_MICROS * 0.95,
    value: result.spentMicros,
    ok: result.spentMicros >= LIMIT_MICROS * 0.95,
    least: true,
  };
  console.log(
    `${name}: ${formatMicros(result.spentMicros)} of ${formatMicros(LIMIT_MICROS)} spent by ${result.events} calls, ` +
      `${result.exact} exact, ${result.estimated} estimated; at most ${formatMicros(result.highestSeenMicros)} spent and reserved`,
  );
}
report('budget', figures, targets);
if (Object.values(targets).some(({ ok }) => !ok)) process.exitCode = 1;
