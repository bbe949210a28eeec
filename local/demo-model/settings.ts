import { z } from 'zod';

const schema = z.object({
  /** 0 takes a free port. */
  DEMO_MODEL_PORT: z.coerce.number().int().min(0).max(65_535),
  DEMO_MODEL_HOST: z.string().min(1).default('127.0.0.1'),
  /** Between two pieces of a streamed answer, in milliseconds. */
  DEMO_MODEL_DELAY_MS: z.coerce.number().int().min(0).max(10_000).default(15),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
});

export type DemoModelSettings = { port: number; host: string; delayMs: number; logLevel: string };

/** @throws Error that lists every wrong setting */
export function loadDemoModelSettings(env: Record<string, string | undefined>): DemoModelSettings {
  const parsed = schema.safeParse(env);
  if (!parsed.success) {
    const problems = parsed.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`);
    throw new Error(`The demo model cannot start: ${problems.join('; ')}`);
  }
  const { DEMO_MODEL_PORT: port, DEMO_MODEL_HOST: host, DEMO_MODEL_DELAY_MS: delayMs, LOG_LEVEL } = parsed.data;
  return { port, host, delayMs, logLevel: LOG_LEVEL };
}
