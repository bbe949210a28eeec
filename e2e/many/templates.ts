import { randomBytes } from 'node:crypto';
import { CommandExitError, type Sandbox } from 'e2b';
import { z } from 'zod';
import { buildTemplate as buildSmall, PORT as SMALL_PORT } from '../../engine/soak/server.ts';
import type { Answer } from '../../engine/testing/ask.ts';
import type { Connection } from '../../engine/testing/engine.ts';
import type { EngineSandbox } from '../../lib/sandbox/engine.ts';
import { writeEnvironment } from '../../lib/sandbox/environment.ts';
import { buildTemplate } from '../../scripts/build-e2b-template.ts';

/** What sandboxes are made from, and how they become of use. */
export type TemplateKind = {
  build(connection: Connection, say: (line: string) => void): Promise<void>;
  /** What a new sandbox gets from the control plane. */
  prepare(sandbox: Sandbox): Promise<void>;
  /** Where its server answers. */
  port: number;
  path: string;
  /** @throws when it never will be */
  isReady(answer: Answer): boolean;
};

const PREPARE_MS = 120_000;
const Health = z.object({ state: z.enum(['starting', 'ready', 'failed']) });

export const templates: Record<string, TemplateKind> = {
  /** The product's own: Mastra Studio with its runner. */
  shmastra: {
    async build(connection, say) {
      await buildTemplate({ connection, env: { E2B_API_KEY: connection.apiKey }, onLog: say });
    },
    prepare: (sandbox) =>
      writeEnvironment(runnable(sandbox), environment(sandbox.sandboxId), AbortSignal.timeout(PREPARE_MS)),
    port: 4111,
    path: '/health',
    isReady({ status, text }) {
      if (status !== 200 && status !== 503) return false;
      const health = Health.safeParse(JSON.parse(text)).data;
      if (health?.state === 'failed') throw new Error(`the server has failed: ${text.slice(0, 500)}`);
      return health?.state === 'ready';
    },
  },
  /** A server of two lines. */
  small: {
    build: (connection) => buildSmall(connection, 'small'),
    prepare: () => Promise.resolve(),
    port: SMALL_PORT,
    path: '/',
    isReady: ({ status }) => status === 200,
  },
};

/** What the control plane writes; nothing here calls a model. */
function environment(sandboxId: string): Record<string, string> {
  const key = `vk_test_${randomBytes(16).toString('hex')}`;
  const nowhere = 'http://127.0.0.1:9';
  return {
    SANDBOX_ID: sandboxId,
    SANDBOX_EPOCH: '1',
    SHMASTRA_SERVER_TOKEN: randomBytes(32).toString('hex'),
    VIRTUAL_KEY: key,
    OPENAI_API_KEY: key,
    OPENAI_BASE_URL: `${nowhere}/openai/v1`,
    SANDBOX_CONTROL_URL: nowhere,
    DEFAULT_MODEL: 'openai/gpt-5-mini',
    MASTRA_OFFLINE: '1',
    MASTRA_TELEMETRY_DISABLED: '1',
  };
}

function runnable(sandbox: Sandbox): EngineSandbox {
  return {
    sandboxId: sandbox.sandboxId,
    async run(command, { user, environment: envs, timeoutMs }) {
      try {
        return await sandbox.commands.run(command, { user, timeoutMs, ...(envs ? { envs } : {}) });
      } catch (error) {
        if (!(error instanceof CommandExitError)) throw error;
        return { exitCode: error.exitCode, stdout: error.stdout, stderr: error.stderr };
      }
    },
  };
}
