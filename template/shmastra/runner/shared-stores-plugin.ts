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

const NAMESPACE = 'shmastra-shared-stores';

/** Makes the project import its stores through `shareInstances` of the app process. */
export function sharedStoresPlugin(projectDir: string): Plugin {
  return {
    name: NAMESPACE,
    setup(build) {
      build.onResolve({ filter: /^@mastra\/(duckdb|libsql|pg)$/ }, ({ path, namespace }) =>
        namespace === NAMESPACE ? { path, external: true } : { path, namespace: NAMESPACE },
      );
      build.onLoad({ filter: /.*/, namespace: NAMESPACE }, ({ path }) => ({
        contents: wrapperOf(path, STORES[path] ?? []),
        loader: 'js',
        resolveDir: projectDir,
      }));
    },
  };
}

function wrapperOf(packageName: string, classes: string[]): string {
  const from = JSON.stringify(packageName);
  return [
    `import * as original from ${from};`,
    `export * from ${from};`,
    `const share = globalThis[Symbol.for('shmastra.shareInstances')] ?? ((_name, store) => store);`,
    ...classes.map((name) => `export const ${name} = share(${JSON.stringify(name)}, original.${name});`),
  ].join('\n');
}
