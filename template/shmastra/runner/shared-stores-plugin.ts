import type { Plugin } from 'esbuild';

/**
 * The classes that hold a database open. Each version of the project's code makes its own instance of everything, yet a
 * DuckDB file can be opened only once, and a pool of connections per saved file would soon use up a database.
 */
const STORES: Record<string, string[]> = {
  '@mastra/duckdb': ['DuckDBStore', 'DuckDBVector'],
  '@mastra/libsql': ['LibSQLStore', 'LibSQLVector'],
  '@mastra/pg': ['PostgresStore', 'PgVector'],
};

/** Classes whose instances belong to the version of the code that makes them, and are closed with it. */
const CLIENTS: Record<string, string[]> = {
  '@mastra/mcp': ['MCPClient', 'MCPConfiguration'],
};

const NAMESPACE = 'shmastra-shared-stores';

/** Makes the project import its stores, and what it opens beside them, through hooks of the app process. */
export function sharedStoresPlugin(projectDir: string): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^@mastra\/(duckdb|libsql|pg|mcp)$/ }, ({ path, namespace }) =>
        namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE },
      );
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: wrapperOf(path),
        loader: 'js',
        resolveDir: projectDir,
      }));
    },
  };
}

function wrapperOf(packageName: string): string {
  const from = JSON.stringify(packageName);
  return [
    `import * as original from ${from};`,
    `export * from ${from};`,
    ...wrapped('shareInstances', STORES[packageName] ?? []),
    ...wrapped('own', CLIENTS[packageName] ?? []),
  ].join('\n');
}

function wrapped(hook: string, classes: string[]): string[] {
  if (classes.length === 0) return [];
  return [
    `const ${hook} = globalThis[Symbol.for('shmastra.${hook}')] ?? ((_name, original) => original);`,
    ...classes.map(
      (name) => `export const ${name} = ${hook}(${JSON.stringify(name)}, original[${JSON.stringify(name)}]);`,
    ),
  ];
}
