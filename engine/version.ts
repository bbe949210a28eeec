import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** The engine's own version, from its package.json. */
export const ENGINE_VERSION = z
  .object({ version: z.string() })
  .parse(JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'))).version;
