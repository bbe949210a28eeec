import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEnv } from 'node:util';
import type { Environment } from './environment.ts';

/** What the project's own .env files set: the ones that `mastra dev` reads, the more special one winning. */
export function projectEnvironment(projectDir: string): Environment {
  const environment: Environment = {};
  for (const name of ['.env', '.env.development']) {
    try {
      Object.assign(environment, parseEnv(readFileSync(join(projectDir, name), 'utf8')));
    } catch {
      // Most projects have none.
    }
  }
  return environment;
}
