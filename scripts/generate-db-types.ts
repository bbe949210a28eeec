/** Writes lib/db/schema.ts from the migrations, or checks it: `node scripts/generate-db-types.ts [--verify]`. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { migrate } from '../lib/db/migrate.ts';
import { startTestPostgres } from '../lib/db/testing-postgres.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const CODEGEN = fileURLToPath(new URL('../node_modules/kysely-codegen/dist/cli/bin.js', import.meta.url));

/** Columns whose check constraints are unions in TypeScript. */
const STATUS = "'provisioning' | 'ready' | 'healing' | 'broken' | 'paused'";
const PHASE = "'queued' | 'creating' | 'configuring' | 'starting' | 'verifying' | 'done'";
const ENGINE_STATE = "'unknown' | 'running' | 'paused' | 'missing'";
const ROLE = "'member' | 'admin'";
const generated = (type: string) => `Generated<${type}>`;
const columns = {
  'users.role': generated(ROLE),
  'invitations.role': generated(ROLE),
  'sandboxes.status': generated(STATUS),
  'sandboxes.phase': generated(PHASE),
  'sandboxes.engine_state': generated(ENGINE_STATE),
  'user_sandboxes.role': ROLE,
  'user_sandboxes.status': `(${STATUS}) | null`,
  'user_sandboxes.phase': `(${PHASE}) | null`,
  'user_sandboxes.engine_state': `(${ENGINE_STATE}) | null`,
  'user_sandboxes.user_id': 'string',
  'user_sandboxes.email': 'string',
  'sandbox_events.kind': "'status' | 'phase' | 'attempt_failed' | 'heal' | 'engine' | 'lease'",
  'sandbox_events.by_kind': "'system' | 'user' | 'admin' | 'sandbox' | 'engine'",
  'sandbox_events.phase': `(${PHASE}) | null`,
  'sandbox_events.from_status': `(${STATUS}) | null`,
  'sandbox_events.to_status': `(${STATUS}) | null`,
  'audit_log.actor_kind': "'system' | 'user' | 'admin' | 'sandbox' | 'setup'",
  'virtual_keys.kind': generated("'sandbox' | 'guest'"),
  'usage_events.priced_by': "'table' | 'override' | 'rule' | 'free'",
  'budgets.period': "'daily' | 'weekly' | 'monthly'",
  'budgets.mode': generated("'default' | 'limited' | 'unlimited'"),
  'usage_instances.journal': "'disk' | 'database'",
  'role_models.role': ROLE,
};

const server = await startTestPostgres();
try {
  await migrate(server.url, { info: () => {} });
  const args = [
    ...['--dialect', 'postgres', '--url', server.url, '--out-file', 'lib/db/schema.ts', '--log-level', 'error'],
    ...['--exclude-pattern', 'supabase_migrations.*', '--overrides', JSON.stringify({ columns })],
    ...['--type-mapping', JSON.stringify({ int8: 'number' })],
    ...(process.argv.includes('--verify') ? ['--verify'] : []),
  ];
  // kysely-codegen complains at length that it cannot parse the overrides with TypeScript 7's API, and then uses them
  // as they are, which is what we want: its complaints are only shown when it fails.
  const child = spawn(process.execPath, [CODEGEN, ...args], { cwd: ROOT, stdio: ['ignore', 'inherit', 'pipe'] });
  let complaints = '';
  child.stderr.on('data', (chunk: Buffer) => (complaints += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) console.error(complaints);
  process.exitCode = code ?? 1;
} finally {
  await server.remove();
}
