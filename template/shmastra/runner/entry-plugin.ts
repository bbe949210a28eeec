import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Plugin } from 'esbuild';

export const ENTRY = 'shmastra:entry';

const INDEX_FILES = ['index.ts', 'index.js', 'index.mts', 'index.mjs'];
const MAX_TOOL_FILES = 1000;

/** The bundle's entry: what `mastra dev` starts too, the project's index and every tool in src/mastra/tools. */
export function entryPlugin(projectDir: string): Plugin {
  const mastraDir = join(projectDir, 'src', 'mastra');
  return {
    name: 'shmastra-entry',
    setup(build) {
      build.onResolve({ filter: /^shmastra:entry$/ }, () => ({ path: 'entry', namespace: ENTRY }));
      build.onLoad({ filter: /.*/, namespace: ENTRY }, () => {
        const index = INDEX_FILES.find((name) => existsSync(join(mastraDir, name)));
        if (index === undefined) {
          return { errors: [{ text: 'src/mastra/index.ts is missing: it has to export `mastra`' }] };
        }
        return { contents: entryOf(index, findTools(join(mastraDir, 'tools'))), loader: 'js', resolveDir: mastraDir };
      });
    },
  };
}

function entryOf(index: string, tools: string[]): string {
  return [
    `export * from './${index}';`,
    ...tools.map((file, number) => `import * as tools${number} from ${JSON.stringify(`./tools/${file}`)};`),
    `export const shmastraToolModules = [${tools.map((_file, number) => `tools${number}`).join(', ')}];`,
  ].join('\n');
}

function findTools(folder: string): string[] {
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.[mc]?[jt]s$/.test(file) && !/(\.d|\.test|\.spec)\.[mc]?[jt]s$/.test(file))
    .filter((file) => !file.includes('node_modules') && !file.includes('__tests__'))
    .sort()
    .slice(0, MAX_TOOL_FILES);
}
