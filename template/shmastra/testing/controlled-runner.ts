import { readSettings } from '../runner/settings.ts';
import { startRunner } from '../runner/start-runner.ts';
import type { ControlAnswer, ControlCall } from './running-runner.ts';

// The runner as it is, with a test in the place of the coding agent: it calls what the agent would.

const { control, stop } = startRunner(readSettings());

process.on('message', (message) => void answer(message as ControlCall));
process.on('SIGTERM', () => void stop().then(() => process.exit(0)));

async function answer({ id, method, seconds }: ControlCall): Promise<void> {
  let result: unknown;
  if (method === 'hold') control.hold(seconds ?? 60);
  else if (method === 'check') result = await control.check();
  else if (method === 'goLive') result = await control.goLive();
  else control[method]();
  process.send?.({ id, result } satisfies ControlAnswer);
}
