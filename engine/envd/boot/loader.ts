import { readFileSync } from 'node:fs';
import { wrap } from 'node:module';
import { join } from 'node:path';
import { Script } from 'node:vm';

/**
 * What the sandbox's Node is started with: runs envd's bundle with the code that was compiled when the toolbox was made.
 * V8 looks whether the code is of its own version and flags, and compiles the bundle itself when it is not.
 */
const file = join(__dirname, 'bundle.js');

function compiledCode(): Buffer | undefined {
  try {
    return readFileSync(join(__dirname, 'bundle.cache'));
  } catch {
    return undefined;
  }
}

const cachedData = compiledCode();
const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file, ...(cachedData && { cachedData }) });
const run = script.runInThisContext() as (...parts: unknown[]) => void;
run(exports, require, module, file, __dirname);
