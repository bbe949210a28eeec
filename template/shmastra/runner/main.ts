import { readSettings } from './settings.ts';
import { startRunner } from './start-runner.ts';

// The runner: answers on the sandbox's port from the first moment, keeps the project's code running in a process of its
// own, and puts each saved change on the air.

const STOP_MS = 10_000;

const { stop } = startRunner(readSettings());

let stopping = false;
for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.on(signal, () => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), STOP_MS).unref();
    stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
}
