// Runs before a single suite or benchmark, so that each works on a fresh machine as `npm test` does.
import { describe } from './bootstrap/failure.mjs';
import { createProgress } from './bootstrap/progress.mjs';
import { prepareTestMachine } from './bootstrap/test-machine.mjs';

// What a benchmark prints is its report; this goes beside it.
const progress = createProgress(process.stderr);
try {
  // Packages that are there stay: something may run from them.
  await prepareTestMachine(progress, () => true);
} catch (error) {
  progress.close();
  // Not each suite needs everything; the one that does says what it has not.
  console.error(describe(error));
}
