import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { buildOciConfig } from '../runtime/oci-config.ts';
import { weaken, type Weakness } from './weakness.ts';

/**
 * `weaken-bundle.ts <weakness.json> ... --bundle <dir> ...`: rewrites the configuration that the engine wrote for the OCI
 * runtime. Tests start their engine with a runtime that calls this first (see escape-engine.ts).
 */
const [weaknessFile = '', ...args] = process.argv.slice(2);
const bundle = args[args.indexOf('--bundle') + 1] ?? '';
const file = path.join(bundle, 'config.json');
const read = <T>(from: string): T => JSON.parse(readFileSync(from, 'utf8'));
const config = weaken(read<ReturnType<typeof buildOciConfig>>(file), read<Weakness>(weaknessFile));
writeFileSync(file, JSON.stringify(config));
