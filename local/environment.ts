import path from 'node:path';
import type { Box } from './box.ts';
import { databaseUrl } from './postgres.ts';
import { gatewayOf } from './subnet.ts';

/** What every program gets: where programs, certificates and proxies are. Nothing of ours, and no secret. */
const INHERITED =
  /^(PATH|LANG|LC_[A-Z]+|TZ|NODE_EXTRA_CA_CERTS|SSL_CERT_FILE|SSL_CERT_DIR|(https?|no|all)_proxy|(HTTPS?|NO|ALL)_PROXY)$/;
const SYSTEM_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Settings of the control plane that a person may give; the rest is the box's own. */
const PERSONAL = new RegExp(
  `^(?:${[
    'LOG_LEVEL|APPS_DOMAIN|ALLOW_PLAIN_HTTP|SANDBOX_IDLE_SECONDS|PROVISION_CONCURRENCY|DEFAULT_MODEL|AUTH_SECRET|MODELS_(?:FAST|GENERAL|BEST|DEVELOPER)',
    '(?:OPENAI|ANTHROPIC|GOOGLE|COMPOSIO)_BASE_URL|(?:OPENAI|ANTHROPIC|GOOGLE_GENERATIVE_AI|COMPOSIO)_API_KEY',
    'GATEWAY_(?:PROVIDERS|DRAIN_SECONDS|CHECKS_SECRET)|KEY_GRACE_SECONDS',
    'USAGE_(?:TIME_ZONE|KEEP_MONTHS)|(?:USER|TEAM)_BUDGET_(?:DAILY|WEEKLY|MONTHLY)_USD|BUDGET_WARN_PERCENT',
    'USER_(?:REQUESTS_PER_MINUTE|TOKENS_PER_MINUTE|PARALLEL_REQUESTS)|(?:MEMBER|ADMIN)_MODELS',
    'MODEL_PRICES|UNKNOWN_MODELS|ESTIMATE_(?:BYTES_PER_TOKEN|OUTPUT_TOKENS)',
  ].join('|')})$`,
);

/** Given for a deployment without the local engine and database; on one box they would be silently wrong. */
export const NOT_ON_ONE_BOX = [
  'DATABASE_URL',
  'E2B_API_KEY',
  'E2B_API_URL',
  'E2B_SANDBOX_URL',
  'E2B_DOMAIN',
  'SANDBOX_UPSTREAM',
  'SANDBOX_CONTROL_URL',
  'CONTROL_LISTEN',
  'WEB_SOCKET',
  'DEPLOYMENT_ID',
];

type Variables = Record<string, string>;

function pick(env: Variables, pattern: RegExp): Variables {
  return Object.fromEntries(Object.entries(env).filter(([name]) => pattern.test(name)));
}

export function baseEnvironment(env: Variables, nodeFolder: string, home: string): Variables {
  return {
    ...pick(env, INHERITED),
    PATH: [nodeFolder, env['PATH'], SYSTEM_PATH].filter(Boolean).join(':'),
    HOME: home,
    NODE_ENV: 'production',
    NEXT_TELEMETRY_DISABLED: '1',
  };
}

export const engineUrl = (box: Box): string => `http://127.0.0.1:${box.secrets.ports.engine}`;
export const demoModelUrl = (box: Box): string => `http://127.0.0.1:${box.secrets.ports.demoModel}`;
const subnet = (box: Box) => box.env['ENGINE_SUBNET'] ?? box.secrets.subnet;
const control = (box: Box) => `${gatewayOf(subnet(box))}:${box.secrets.ports.control}`;

/** What the service user's programs get. Node keeps what it compiled, which halves the time that a start takes. */
function serviceEnvironment(box: Box): Variables {
  const home = path.join(box.data, 'home');
  const cache = path.join(home, 'compiled');
  return { ...baseEnvironment(box.env, path.dirname(box.node), home), NODE_COMPILE_CACHE: cache };
}

/** The settings of front, web, worker and the commands. */
export function controlPlaneEnvironment(box: Box, engineKey: string): Variables {
  return {
    ...serviceEnvironment(box),
    AUTH_SECRET: box.secrets.authSecret,
    ...pick(box.env, PERSONAL),
    PORT: String(box.port),
    HOST: box.host,
    PUBLIC_URL: box.publicUrl,
    DATA_DIR: box.data,
    DATABASE_URL: databaseUrl(box.postgres),
    DEPLOYMENT_ID: box.secrets.deploymentId,
    E2B_API_KEY: engineKey,
    E2B_API_URL: engineUrl(box),
    E2B_SANDBOX_URL: engineUrl(box),
    E2B_DOMAIN: box.env['ENGINE_DOMAIN'] ?? 'sandbox.localhost',
    SANDBOX_UPSTREAM: engineUrl(box),
    SANDBOX_CONTROL_URL: `http://${control(box)}`,
    CONTROL_LISTEN: control(box),
    WEB_SOCKET: path.join(box.sockets, 'web.sock'),
    DEMO_MODEL_URL: demoModelUrl(box),
  };
}

/** The engine's settings. It also reads the host's npm configuration, which npm hands on in variables. */
export function engineEnvironment(box: Box): Variables {
  return {
    ...pick(box.env, /^(ENGINE_[A-Z_]+|LOG_LEVEL|npm_config_.*)$/i),
    ...baseEnvironment(box.env, path.dirname(box.node), box.env['HOME'] ?? '/root'),
    // A folder of root's own: what runs as root must not be what others wrote.
    NODE_COMPILE_CACHE: path.join(box.dataDir, 'compiled'),
    ENGINE_DATA_DIR: path.join(box.data, 'engine'),
    ENGINE_PORT: String(box.secrets.ports.engine),
    ENGINE_HOST: '127.0.0.1',
    ENGINE_INSTANCE: box.secrets.instance,
    ENGINE_SUBNET: subnet(box),
    ENGINE_HOST_ALLOW: [control(box), box.env['ENGINE_HOST_ALLOW']].filter(Boolean).join(','),
  };
}

export function demoModelEnvironment(box: Box): Variables {
  return {
    ...baseEnvironment(box.env, path.dirname(box.node), path.join(box.data, 'home')),
    ...pick(box.env, /^(LOG_LEVEL|DEMO_MODEL_DELAY_MS)$/),
    DEMO_MODEL_HOST: '127.0.0.1',
    DEMO_MODEL_PORT: String(box.secrets.ports.demoModel),
  };
}
