import { defineConfig } from 'vitest/config';

const ignored = ['**/node_modules/**', '**/.next/**', '**/.data/**', '**/.cache/**', 'template/project/**'];

export default defineConfig({
  test: {
    passWithNoTests: true,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...ignored, '**/*.integration.test.ts'],
          globalSetup: ['lib/db/testing-setup.ts'],
          testTimeout: 20_000,
          // Vitest leaves one core free; these wait for Postgres and timers half of their time.
          maxWorkers: '100%',
        },
      },
      {
        // These start real engines and databases on a machine that they share: one file after another.
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: ignored,
          globalSetup: ['lib/db/testing-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // The official SDKs against a real engine.
        test: {
          name: 'engine',
          include: ['engine/conformance/**/*.sdk.ts'],
          exclude: ignored,
          globalSetup: ['engine/conformance/support/engines.ts'],
          expect: { poll: { timeout: 10_000 } },
          // A process per file: it reads the certificates that it trusts only when it starts.
          pool: 'forks',
          execArgv: ['--import', new URL('engine/conformance/support/resolve-localhost.ts', import.meta.url).href],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // Attempts to get out of a sandbox, or to be a bad neighbour in it.
        test: {
          name: 'escape',
          include: ['engine/escape/**/*.escape.ts'],
          exclude: ignored,
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        test: {
          name: 'e2e',
          globalSetup: 'e2e/support/global-setup.ts',
          include: ['**/*.e2e.ts'],
          exclude: ignored,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
      {
        // Real too, but minutes each: processes that hang, leak and are killed half-way, images, builds, forty tasks.
        test: {
          name: 'slow',
          include: ['**/*.slow.ts'],
          exclude: ignored,
          globalSetup: ['lib/db/testing-setup.ts'],
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 300_000,
        },
      },
      {
        // The chat beside Studio on a whole box: too long for `npm test`.
        test: {
          name: 'chat',
          globalSetup: 'e2e/support/global-setup.ts',
          include: ['**/*.chat.ts'],
          exclude: ignored,
          fileParallelism: false,
          testTimeout: 300_000,
          hookTimeout: 900_000,
        },
      },
    ],
  },
});
