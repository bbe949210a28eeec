/** A front of its own process, killed and started again by the proof. Settings come from its environment. */
import { createContext } from '../../lib/context.ts';
import { createLog } from '../../lib/log.ts';
import { FakeEngine } from '../../lib/sandbox/testing.ts';
import { loadSettings } from '../../lib/settings.ts';
import { createFront } from '../../server/front/front.ts';

const settings = loadSettings();
const log = createLog('front', settings.logLevel);
// No sandbox is called: the callers speak to the gateway as sandboxes do.
const context = createContext(settings, { name: 'front', log, engine: new FakeEngine() });
const studioFolder = process.env['STUDIO_FOLDER'] ?? '';
const widgetFolder = process.env['WIDGET_FOLDER'] ?? '';
const front = await createFront(settings, { log, context, studioFolder, widgetFolder });
await front.listen();
process.stdout.write('listening\n');
process.on('SIGTERM', () => {
  void front.close(5_000).then(() => process.exit(0));
});
