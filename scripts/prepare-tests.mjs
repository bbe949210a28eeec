// Runs before a single suite or benchmark, so that each works on a fresh machine as `npm test` does.
import { describe } from './bootstrap/failure.mjs';
import { createProgress } from './bootstrap/progress.mjs';
import { prepareTestMachine } from './bootstrap/test-machine.mjs';

// What a benchmark prints is its report; this goes beside it.
const progress = createProgress(process.stderr);
try {
  await prepareTestMachine(progress);
} catch (error) {
  progress.close();
  console.error(describe(error));
  process.exitCode = 1;
}
