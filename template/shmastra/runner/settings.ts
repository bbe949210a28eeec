import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod/mini';

const settingsSchema = z.object({
  PORT: z._default(z.coerce.number().check(z.int(), z.gte(0), z.lte(65_535)), 4111),
  HOST: z._default(z.string(), '0.0.0.0'),
  SHMASTRA_PROJECT_DIR: z._default(z.string(), join(homedir(), 'shmastra')),
  SHMASTRA_ENV_FILE: z._default(z.string(), '/run/shmastra/env'),
  SHMASTRA_HANG_SECONDS: z._default(z.coerce.number().check(z.gte(1), z.lte(600)), 10),
  SHMASTRA_AGENT_IDLE_SECONDS: z._default(z.coerce.number().check(z.gte(1), z.lte(86_400)), 600),
  SHMASTRA_APP_MEMORY_MB: z._default(z.coerce.number().check(z.int(), z.gte(256), z.lte(65_536)), 1024),
  PM2_HOME: z._default(z.string(), join(homedir(), '.pm2')),
});

export type RunnerSettings = {
  /** 4111 in a sandbox; 0 takes any free port. */
  port: number;
  host: string;
  /** The Mastra project: the folder that holds src/mastra. */
  projectDir: string;
  /** Written by start.sh once the control plane has handed over the sandbox's environment. */
  environmentFile: string;
  /** An app process that doesn't respond for so long is ended. */
  hangSeconds: number;
  /** The coding agent's process ends after so long without a request and without a turn. */
  agentIdleSeconds: number;
  /** What the app process may hold in memory before another one takes its place. */
  memoryMb: number;
  /** Where pm2 keeps the logs of what it runs. */
  logDir: string;
  version: string;
};

/** The runner's settings, from the environment that pm2 started it with. Throws a list of what is wrong. */
export function readSettings(env: NodeJS.ProcessEnv = process.env): RunnerSettings {
  const parsed = settingsSchema.safeParse(env);
  if (!parsed.success) throw new Error(`wrong settings:\n${z.prettifyError(parsed.error)}`);
  return {
    port: parsed.data.PORT,
    host: parsed.data.HOST,
    projectDir: parsed.data.SHMASTRA_PROJECT_DIR,
    environmentFile: parsed.data.SHMASTRA_ENV_FILE,
    hangSeconds: parsed.data.SHMASTRA_HANG_SECONDS,
    agentIdleSeconds: parsed.data.SHMASTRA_AGENT_IDLE_SECONDS,
    memoryMb: parsed.data.SHMASTRA_APP_MEMORY_MB,
    logDir: join(parsed.data.PM2_HOME, 'logs'),
    version: readVersion(import.meta.dirname),
  };
}

const packageSchema = z.object({ name: z.string(), version: z.string() });

/** The version in our package.json, which lies one folder above the sources and two above the built files. */
function readVersion(from: string): string {
  for (let folder = from; folder !== dirname(folder); folder = dirname(folder)) {
    const file = join(folder, 'package.json');
    if (existsSync(file)) return packageSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).version;
  }
  return 'unknown';
}
