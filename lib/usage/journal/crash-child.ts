/**
 * A process that dies in the middle of calls, for the test of it. `node crash-child.ts <instance> <user id>`: settles two
 * calls, keeps one open, says so, and waits to be killed. Settings come from its environment.
 */
import { createContext } from '../../context.ts';
import { createLog } from '../../log.ts';
import { loadSettings } from '../../settings.ts';
import { createLedger } from '../ledger.ts';
import { aCall, anOutcome, granted } from '../testing-calls.ts';

const [instance = '', userId = ''] = process.argv.slice(2);
const context = createContext(loadSettings(), { instance, log: createLog('crash', 'silent') });
const ledger = createLedger(context);
const call = aCall(userId);
const exact = granted(await ledger.reserve(call));
ledger.settle(exact, call, anOutcome());
await ledger.flush();
// Postgres is not waited for: what follows has to be in the journal alone.
const [second, third] = [await ledger.reserve(call), await ledger.reserve(call)];
await ledger.settle(granted(second), call, anOutcome());
process.stdout.write(`open ${granted(third).id}\n`);
setInterval(() => {}, 1_000);
