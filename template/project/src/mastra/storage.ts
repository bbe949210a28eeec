import { existsSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { MastraCompositeStore } from '@mastra/core/storage';
import { DuckDBStore } from '@mastra/duckdb';
import { LibSQLStore } from '@mastra/libsql';

/** `mastra dev` and `mastra start` change into other folders: the data must not follow them. */
function projectRoot(): string {
  for (let folder = process.cwd(); ; folder = dirname(folder)) {
    if (existsSync(join(folder, 'src/mastra'))) return folder;
    if (folder === dirname(folder)) return process.cwd();
  }
}

const dataDir = process.env.MASTRA_DATA_DIR ?? join(projectRoot(), '.data');
mkdirSync(dataDir, { recursive: true });

const traces = new DuckDBStore({ path: join(dataDir, 'traces.duckdb'), memoryLimit: '256MB' });

/** LibSQL keeps conversations and workflow runs; DuckDB keeps traces, metrics and logs. */
export const storage = new MastraCompositeStore({
  id: 'storage',
  default: new LibSQLStore({ id: 'mastra', url: `file:${join(dataDir, 'mastra.db')}` }),
  domains: { observability: traces.observability },
});
