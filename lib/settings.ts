import { join } from 'node:path';
import { inspect } from 'node:util';
import type { z } from 'zod';
import { SettingsError } from './errors.ts';
import type { ModelTier } from './gateway/default-models.ts';
import { type Environment, environmentSchema } from './settings/environment.ts';
import { type UsageSettings, usageSettings } from './settings/usage.ts';

export type ProviderName = 'openai' | 'anthropic' | 'google' | 'composio';
export type ProviderSettings = { apiKey: string | undefined; baseUrl: string | undefined };

/** Everything the control plane reads from its environment, validated once. Printing it shows no secret. */
export type Settings = {
  port: number;
  host: string;
  dataDir: string;
  /** Origin under which browsers reach us, without a trailing slash. */
  publicUrl: string;
  appsDomain: string;
  databaseUrl: string;
  authSecret: string;
  deploymentId: string;
  logLevel: string;
  e2b: { apiKey: string; apiUrl: string | undefined; sandboxUrl: string | undefined; domain: string };
  /** Base URL of the engine's sandbox proxy. Without it sandboxes are reached at `https://4111-<id>.<domain>`. */
  sandboxUpstream: string | undefined;
  /** Base URL that sandboxes use for /api/gateway and /api/sandbox. */
  sandboxControlUrl: string;
  controlListen: { host: string; port: number } | undefined;
  webSocket: string | undefined;
  sandbox: { template: string; idleSeconds: number; provisionConcurrency: number; defaultModel: string };
  /** Models of the coding agent by tier, in place of the defaults. */
  models: Partial<Record<ModelTier, readonly string[]>>;
  providers: Record<ProviderName, ProviderSettings>;
  demoModelUrl: string | undefined;
  /** GATEWAY_PROVIDERS: further providers, and more keys of the known ones. */
  gatewayProviders: Environment['GATEWAY_PROVIDERS'];
  /** How long an answer is read on for its usage when its caller is gone. */
  gatewayDrainSeconds: number;
  /** What a gateway that runs elsewhere proves itself with; without it its checks are closed. */
  gatewayChecksSecret: string | undefined;
  usage: UsageSettings;
  /** How long the key that a rotation replaces stays valid. */
  keyGraceSeconds: number;
};

/** Reads and checks the settings. Throws a SettingsError that lists all problems at once, without any value. */
export function loadSettings(env: NodeJS.ProcessEnv = process.env): Settings {
  // `FOO=` in an env file means "not set".
  const given = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined && value !== ''));
  const parsed = environmentSchema.safeParse(given);
  if (!parsed.success) throw new SettingsError(problemsOf(parsed.error));
  return withoutSecretsInPrint(toSettings(parsed.data));
}

function problemsOf(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${issue.path.join('.') || 'settings'}: ${issue.message}`);
}

function toSettings(env: Environment): Settings {
  const publicUrl = env.PUBLIC_URL ?? `http://localhost:${env.PORT}`;
  return {
    port: env.PORT,
    host: env.HOST,
    dataDir: env.DATA_DIR,
    publicUrl,
    appsDomain: env.APPS_DOMAIN,
    databaseUrl: env.DATABASE_URL,
    authSecret: env.AUTH_SECRET,
    deploymentId: env.DEPLOYMENT_ID,
    logLevel: env.LOG_LEVEL,
    e2b: { apiKey: env.E2B_API_KEY, apiUrl: env.E2B_API_URL, sandboxUrl: env.E2B_SANDBOX_URL, domain: env.E2B_DOMAIN },
    sandboxUpstream: env.SANDBOX_UPSTREAM,
    sandboxControlUrl: env.SANDBOX_CONTROL_URL ?? publicUrl,
    controlListen: env.CONTROL_LISTEN,
    webSocket: env.WEB_SOCKET,
    sandbox: {
      template: env.SANDBOX_TEMPLATE,
      idleSeconds: env.SANDBOX_IDLE_SECONDS,
      provisionConcurrency: env.PROVISION_CONCURRENCY,
      defaultModel: env.DEFAULT_MODEL,
    },
    models: {
      ...(env.MODELS_FAST && { fast: env.MODELS_FAST }),
      ...(env.MODELS_GENERAL && { general: env.MODELS_GENERAL }),
      ...(env.MODELS_BEST && { best: env.MODELS_BEST }),
      ...(env.MODELS_DEVELOPER && { developer: env.MODELS_DEVELOPER }),
    },
    providers: {
      openai: { apiKey: env.OPENAI_API_KEY, baseUrl: env.OPENAI_BASE_URL },
      anthropic: { apiKey: env.ANTHROPIC_API_KEY, baseUrl: env.ANTHROPIC_BASE_URL },
      google: { apiKey: env.GOOGLE_GENERATIVE_AI_API_KEY, baseUrl: env.GOOGLE_BASE_URL },
      composio: { apiKey: env.COMPOSIO_API_KEY, baseUrl: env.COMPOSIO_BASE_URL },
    },
    demoModelUrl: env.DEMO_MODEL_URL,
    gatewayProviders: env.GATEWAY_PROVIDERS,
    gatewayDrainSeconds: env.GATEWAY_DRAIN_SECONDS,
    gatewayChecksSecret: env.GATEWAY_CHECKS_SECRET,
    usage: usageSettings(env, env.USAGE_JOURNAL_DIR ?? join(env.DATA_DIR, 'usage')),
    keyGraceSeconds: env.KEY_GRACE_SECONDS,
  };
}

/** JSON.stringify and console.log of the settings show where secrets are, never what they are. */
function withoutSecretsInPrint(settings: Settings): Settings {
  const masked = () =>
    JSON.parse(
      JSON.stringify({ ...settings }, (key, value: unknown) =>
        /^(apiKey|key|gatewayChecksSecret|authSecret|databaseUrl)$/.test(key) && value !== undefined
          ? '[secret]'
          : value,
      ),
    ) as unknown;
  Object.defineProperty(settings, 'toJSON', { value: masked, enumerable: false });
  Object.defineProperty(settings, inspect.custom, { value: () => inspect(masked()), enumerable: false });
  return settings;
}
