import type { Context } from '../context.ts';
import { AppError } from '../errors.ts';
import type { EngineSandbox } from './engine.ts';
import { serverToken } from './server-token.ts';
import type { SandboxRow } from './state.ts';

const FILE = '/etc/shmastra/env';
const WRITE_TIMEOUT_MS = 15_000;

/**
 * Only root can look into the folder, before there is anything in it. The file appears whole under its name; the
 * content comes by an environment variable of a process of root, so that it is in nobody's command line.
 */
const WRITE = `set -euo pipefail
umask 077
install -d -m 0700 -o root -g root /etc/shmastra
temporary=$(mktemp /etc/shmastra/.env.XXXXXX)
printf '%s' "$SHMASTRA_ENVIRONMENT" > "$temporary"
chmod 0600 "$temporary"
mv -f "$temporary" ${FILE}`;

/** The variables of a sandbox. Every provider key in it is the virtual key. */
export function sandboxEnvironment(
  { settings }: Pick<Context, 'settings'>,
  row: SandboxRow,
  sandboxId: string,
  virtualKey: string,
): Record<string, string> {
  const gateway = `${settings.sandboxControlUrl}/api/gateway`;
  return {
    SANDBOX_ID: sandboxId,
    SANDBOX_EPOCH: String(row.epoch),
    SHMASTRA_SERVER_TOKEN: serverToken(settings, row),
    VIRTUAL_KEY: virtualKey,
    OPENAI_API_KEY: virtualKey,
    ANTHROPIC_API_KEY: virtualKey,
    GOOGLE_GENERATIVE_AI_API_KEY: virtualKey,
    COMPOSIO_API_KEY: virtualKey,
    OPENAI_BASE_URL: `${gateway}/openai/v1`,
    ANTHROPIC_BASE_URL: `${gateway}/anthropic/v1`,
    GOOGLE_BASE_URL: `${gateway}/google/v1beta`,
    COMPOSIO_BASE_URL: `${gateway}/composio`,
    SANDBOX_CONTROL_URL: settings.sandboxControlUrl,
    DEFAULT_MODEL: settings.sandbox.defaultModel,
    MASTRA_OFFLINE: '1',
    MASTRA_TELEMETRY_DISABLED: '1',
  };
}

/** Writes /etc/shmastra/env, for which the start command of the template waits. */
export async function writeEnvironment(
  sandbox: EngineSandbox,
  environment: Record<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const content = Object.entries(environment).map(([name, value]) => `${name}=${oneLine(name, value)}\n`);
  const { exitCode, stderr } = await sandbox.run(WRITE, {
    user: 'root',
    environment: { SHMASTRA_ENVIRONMENT: content.join('') },
    timeoutMs: WRITE_TIMEOUT_MS,
    signal,
  });
  if (exitCode === 0) return;
  throw new AppError(
    'environment_not_written',
    `The settings of the sandbox could not be written: ${stderr.slice(0, 300)}`,
  );
}

/** Whether this very sandbox has its environment already, from an attempt that was interrupted. */
export async function hasEnvironment(sandbox: EngineSandbox, epoch: number, signal: AbortSignal): Promise<boolean> {
  const { exitCode } = await sandbox.run(
    `grep -qx 'SANDBOX_ID=${sandbox.sandboxId}' ${FILE} && grep -qx 'SANDBOX_EPOCH=${epoch}' ${FILE}`,
    { user: 'root', timeoutMs: WRITE_TIMEOUT_MS, signal },
  );
  return exitCode === 0;
}

function oneLine(name: string, value: string): string {
  if (/[\r\n\0]/.test(value)) throw new Error(`the value of ${name} has more than one line`);
  return value;
}
