import { z } from 'zod';
import { gatewayProvidersSchema } from './gateway.ts';
import { isTimeZone } from '../usage/periods.ts';
import { priceOverridesSchema } from '../usage/prices/schema.ts';

const LOOPBACK = /^(127\.|localhost$|\[?::1\]?$)/;

/** The name under which people come. */
function publicHost(publicUrl: unknown): string {
  return typeof publicUrl === 'string' && URL.canParse(publicUrl) ? new URL(publicUrl).hostname : 'localhost';
}

function isWithin(name: string, domain: string): boolean {
  return name === domain || name.endsWith(`.${domain}`);
}

const required = (what: string) => z.string({ error: `is not set (${what})` });

const url = (what: string) =>
  z
    .string()
    .refine(
      (value) => URL.canParse(value) && /^https?:$/.test(new URL(value).protocol),
      `must be an http(s) URL (${what})`,
    )
    .transform((value) => value.replace(/\/+$/, ''));

const origin = url('an origin such as https://studio.example.com').refine(
  (value) => !URL.canParse(value) || new URL(value).origin === value,
  'must be an origin: no path, query or fragment',
);

const integer = (low: number, high: number) =>
  z.coerce
    .number({ error: 'must be a number' })
    .int(`must be a whole number`)
    .min(low, `must be at least ${low}`)
    .max(high, `must be at most ${high}`);

const listen = z.string().transform((value, context) => {
  const match = /^(.+):(\d{1,5})$/.exec(value);
  if (match?.[1] && Number(match[2]) <= 65_535) return { host: match[1], port: Number(match[2]) };
  context.addIssue({ code: 'custom', message: 'must be <host>:<port>' });
  return z.NEVER;
});

/** Models that a tier can fall back on, at most. */
const MAX_MODELS = 10;

const models = z.string().transform((value, context) => {
  const list = value.split(',').map((model) => model.trim());
  const wrong = list.some((model) => !/^(?:openai|anthropic|google)\/[\w.:-]{1,100}$/.test(model));
  if (!wrong && list.length <= MAX_MODELS) return list;
  const example = 'openai/gpt-5.4,anthropic/claude-sonnet-5';
  const message = `must be up to ${MAX_MODELS} models of openai, anthropic or google, separated by commas (${example})`;
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
});

const dollars = z.coerce
  .number({ error: 'must be a number of dollars' })
  .min(0, 'must be at least 0')
  .max(100_000_000, 'must be at most 100000000');

/** Patterns of models, separated by commas. */
const modelList = z.string().transform((value, context) => {
  const patterns = value.split(',').map((pattern) => pattern.trim());
  if (patterns.length <= 100 && patterns.every((pattern) => /^[\w.:@*/-]+$/.test(pattern))) return patterns;
  context.addIssue({ code: 'custom', message: 'must be patterns such as anthropic/claude-*, separated by commas' });
  return z.NEVER;
});

const modelPrices = z.string().transform((value, context) => {
  let parsed: unknown;
  try {
    parsed = JSON.parse(value);
  } catch {
    parsed = undefined;
  }
  const prices = priceOverridesSchema.safeParse(parsed);
  if (prices.success) return prices.data;
  const where = prices.error.issues[0]?.path.join('.') ?? '';
  context.addIssue({
    code: 'custom',
    message: `must be JSON such as {"openai/gpt-5": {"input": 1.25, "output": 10}}${where === '' ? '' : `, look at ${where}`}`,
  });
  return z.NEVER;
});

/** The environment variables of the control plane, with their defaults. `.env.example` explains each. */
export const environmentSchema = z
  .object({
    PORT: integer(0, 65_535).default(3000),
    HOST: z.string().default('127.0.0.1'),
    DATA_DIR: z.string().default('.data'),
    PUBLIC_URL: origin.optional(),
    ALLOW_PLAIN_HTTP: z.stringbool({ error: 'must be true or false' }).default(false),
    APPS_DOMAIN: z
      .string()
      .toLowerCase()
      .regex(
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)*[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        'must be a domain name',
      )
      // A label of 32 characters and a dot come before it.
      .max(220, 'is too long')
      .default('apps.localhost'),
    DATABASE_URL: required('the connection string of Postgres').regex(
      /^postgres(ql)?:\/\//,
      'must start with postgres:// or postgresql://',
    ),
    AUTH_SECRET: required('at least 32 random characters, for example from: openssl rand -hex 32').min(
      32,
      'must have at least 32 characters',
    ),
    DEPLOYMENT_ID: required('a random name of this deployment that never changes').regex(
      /^[A-Za-z0-9_-]{4,64}$/,
      'must be 4 to 64 letters, digits, _ or -',
    ),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
    E2B_API_KEY: required('the key of the sandbox engine or of e2b.dev').regex(
      /^e2b_[0-9a-f]+$/,
      'must look like e2b_<hex>',
    ),
    E2B_API_URL: url('the API of the sandbox engine').optional(),
    E2B_SANDBOX_URL: url('the envd base of the sandbox engine').optional(),
    E2B_DOMAIN: z.string().default('e2b.app'),
    SANDBOX_UPSTREAM: url('the sandbox proxy of the engine').optional(),
    SANDBOX_CONTROL_URL: url('where sandboxes reach the control plane').optional(),
    CONTROL_LISTEN: listen.optional(),
    WEB_SOCKET: z.string().optional(),
    SANDBOX_TEMPLATE: z.string().default('shmastra'),
    SANDBOX_IDLE_SECONDS: integer(5, 86_400).default(600),
    PROVISION_CONCURRENCY: integer(1, 50).default(3),
    DEFAULT_MODEL: z
      .string()
      .regex(/^[\w.-]+\/[\w.:-]+$/, 'must be <provider>/<model>')
      .default('openai/gpt-5-mini'),
    MODELS_FAST: models.optional(),
    MODELS_GENERAL: models.optional(),
    MODELS_BEST: models.optional(),
    MODELS_DEVELOPER: models.optional(),
    OPENAI_API_KEY: z.string().optional(),
    ANTHROPIC_API_KEY: z.string().optional(),
    GOOGLE_GENERATIVE_AI_API_KEY: z.string().optional(),
    COMPOSIO_API_KEY: z.string().optional(),
    OPENAI_BASE_URL: url('an upstream in place of api.openai.com').optional(),
    ANTHROPIC_BASE_URL: url('an upstream in place of api.anthropic.com').optional(),
    GOOGLE_BASE_URL: url('an upstream in place of generativelanguage.googleapis.com').optional(),
    COMPOSIO_BASE_URL: url('an upstream in place of backend.composio.dev').optional(),
    DEMO_MODEL_URL: url('the demo model').optional(),
    GATEWAY_PROVIDERS: gatewayProvidersSchema.optional(),
    GATEWAY_DRAIN_SECONDS: integer(0, 600).default(10),
    GATEWAY_CHECKS_SECRET: z
      .string()
      .regex(/^[\u0021-\u007e]{32,200}$/, 'must have 32 to 200 printable characters without spaces')
      .optional(),
    USAGE_TIME_ZONE: z
      .string()
      .refine(isTimeZone, 'must be the name of a time zone such as Europe/Berlin')
      .default('UTC'),
    USER_BUDGET_DAILY_USD: dollars.optional(),
    USER_BUDGET_WEEKLY_USD: dollars.optional(),
    USER_BUDGET_MONTHLY_USD: dollars.optional(),
    TEAM_BUDGET_DAILY_USD: dollars.optional(),
    TEAM_BUDGET_WEEKLY_USD: dollars.optional(),
    TEAM_BUDGET_MONTHLY_USD: dollars.optional(),
    BUDGET_WARN_PERCENT: integer(1, 100).default(80),
    USER_REQUESTS_PER_MINUTE: integer(0, 1_000_000).default(600),
    USER_TOKENS_PER_MINUTE: integer(0, 1_000_000_000).optional(),
    USER_PARALLEL_REQUESTS: integer(0, 10_000).default(100),
    MEMBER_MODELS: modelList.default(['*']),
    ADMIN_MODELS: modelList.default(['*']),
    MODEL_PRICES: modelPrices.default({}),
    UNKNOWN_MODELS: z.enum(['dearest', 'refuse'], { error: 'must be dearest or refuse' }).default('dearest'),
    ESTIMATE_BYTES_PER_TOKEN: z.coerce.number({ error: 'must be a number' }).min(1).max(8).default(2),
    ESTIMATE_OUTPUT_TOKENS: integer(1, 1_000_000).default(16_384),
    USAGE_JOURNAL: z.enum(['disk', 'database'], { error: 'must be disk or database' }).default('disk'),
    USAGE_JOURNAL_DIR: z.string().optional(),
    USAGE_KEEP_MONTHS: integer(1, 120).default(13),
    KEY_GRACE_SECONDS: integer(0, 3_600).default(120),
  })
  // What users build would be served in the place of the control plane.
  .refine((env) => typeof env.APPS_DOMAIN !== 'string' || !isWithin(publicHost(env.PUBLIC_URL), env.APPS_DOMAIN), {
    path: ['APPS_DOMAIN'],
    message: 'must be neither the name in PUBLIC_URL nor a domain above it, for example apps.example.com',
    when: () => true,
  })
  // Passwords and session cookies must not cross a network in the clear because somebody changed HOST.
  .refine(
    (env) =>
      typeof env.HOST !== 'string' ||
      LOOPBACK.test(env.HOST) ||
      env.ALLOW_PLAIN_HTTP === true ||
      (typeof env.PUBLIC_URL === 'string' && env.PUBLIC_URL.startsWith('https://')),
    {
      path: ['HOST'],
      message:
        'is reachable from other machines, so PUBLIC_URL must be https:// (TLS by a reverse proxy), or set ALLOW_PLAIN_HTTP=true on a network that you trust',
      // Also when other variables are wrong: all problems are listed at once.
      when: () => true,
    },
  );

export type Environment = z.output<typeof environmentSchema>;
