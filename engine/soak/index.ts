// `npm run test:soak -- [--minutes 30] [--seed N] [--sandboxes 12] [--json]`: callers at random on an engine that is killed again and
// again. Ends with 0 when every promise was kept and nothing is left on the host.
import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { soak } from './soak.ts';
import { verdict } from './verdict.ts';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    seed: { type: 'string', default: String(randomInt(2 ** 31)) },
    sandboxes: { type: 'string', default: '12' },
    workers: { type: 'string', default: '4' },
    json: { type: 'boolean', default: false },
  },
});

const result = await soak({
  seconds: Number(values.minutes) * 60,
  seed: Number(values.seed),
  sandboxes: Number(values.sandboxes),
  workers: Number(values.workers),
  say: (line) => (values.json ? console.error(line) : console.log(line)),
});
const { ok, lines } = verdict(result);
for (const line of lines) (values.json ? console.error : console.log)(line);
if (values.json) console.log(JSON.stringify({ ok, ...result }));
process.exitCode = ok ? 0 : 1;
