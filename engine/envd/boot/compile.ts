import { readFileSync, writeFileSync } from 'node:fs';
import { Server } from 'node:http';
import { wrap } from 'node:module';
import { dirname } from 'node:path';
import v8 from 'node:v8';
import { Script } from 'node:vm';

/**
 * Run once on the host by the sandboxes' Node with their flags: writes the code of the bundle `ENVD_BUNDLE` that V8 has
 * compiled by the time envd would listen to `ENVD_CACHE`. Functions that are not called until then are not in it.
 */
const { ENVD_BUNDLE: file = '', ENVD_CACHE: cache = '' } = process.env;
const script = new Script(wrap(readFileSync(file, 'utf8')), { filename: file });

// It serves nobody here. And the flags that envd sets are not yet set when a sandbox's Node looks at the code.
Server.prototype.listen = function listen(this: Server) {
  setImmediate(() => {
    writeFileSync(cache, script.createCachedData(), { mode: 0o644 });
    process.exit(0);
  });
  return this;
};
v8.setFlagsFromString = () => {};

const run = script.runInThisContext() as (...parts: unknown[]) => void;
run(exports, require, module, file, dirname(file));
