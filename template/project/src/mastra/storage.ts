import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { MastraCompositeStore } from '@mastra/core/storage';
import { DuckDBStore } from '@mastra/duckdb';
import { LibSQLStore } from '@mastra/libsql';
import { projectRoot } from './project-root';

const dataDir = process.env.MASTRA_DATA_DIR ?? join(projectRoot(), '.data');
mkdirSync(dataDir, { recursive: true });

const traces = new DuckDBStore({ path: join(dataDir, 'traces.duckdb'), memoryLimit: '256MB' });

/** LibSQL keeps conversations and workflow runs; DuckDB keeps traces, metrics and logs. */
export const storage = new MastraCompositeStore({
  id: 'storage',
  default: new LibSQLStore({ id: 'mastra', url: `file:${join(dataDir, 'mastra.db')}` }),
  domains: { observability: traces.observability },
});
