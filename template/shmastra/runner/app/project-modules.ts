import { readFileSync, realpathSync } from 'node:fs';
import { findPackageJSON } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as z from 'zod/mini';
import type { ChannelsClass } from './belongings.ts';
import type { createHonoServer, getToolExports, ModelRegistry } from './mastra-types.ts';

const condition = z.union([z.string(), z.object({ default: z.string() })]);
const manifest = z.object({
  exports: z.record(z.string(), z.union([z.string(), z.object({ import: z.optional(condition) })])),
});

export type MastraModules = {
  createHonoServer: typeof createHonoServer;
  getToolExports: typeof getToolExports;
  registry: ModelRegistry;
  /** Undefined in a version of Mastra without channels. */
  channels: ChannelsClass | undefined;
};

/**
 * Loads Mastra from the project's node_modules, so that the server and the project's code share one copy of
 * @mastra/core. `@mastra/deployer` comes with `mastra`, a development dependency of every Mastra project.
 */
export async function loadMastra(projectDir: string): Promise<MastraModules> {
  const fromProject = join(projectDir, 'package.json');
  const [server, registry, channels] = await Promise.all([
    importExport('@mastra/deployer', './server', dependentOf(fromProject)),
    importExport('@mastra/core', './llm', fromProject),
    importExport('@mastra/core', './channels', fromProject).catch(() => undefined),
    importExport('@mastra/core', './mastra', fromProject),
  ]);
  return { ...server, registry, channels: channels?.AgentChannels } as unknown as MastraModules;
}

/** From where `@mastra/deployer` can be found: the `mastra` command, or the project itself when it has no such command. */
function dependentOf(fromProject: string): string {
  const command = tryFind('mastra', fromProject);
  return command === undefined ? fromProject : realpathSync(command);
}

async function importExport(packageName: string, subpath: string, from: string): Promise<Record<string, unknown>> {
  const packageFile = realpathSync(find(packageName, from));
  const entry = manifest.parse(JSON.parse(readFileSync(packageFile, 'utf8'))).exports[subpath];
  const target = typeof entry === 'string' ? entry : entry?.import;
  const file = typeof target === 'string' ? target : target?.default;
  if (file === undefined) throw new Error(`${packageName} has no export ${subpath}: is it a version that fits?`);
  return (await import(pathToFileURL(join(dirname(packageFile), file)).href)) as Record<string, unknown>;
}

function find(packageName: string, from: string): string {
  const found = tryFind(packageName, from);
  if (found === undefined) {
    throw new Error(`Cannot find package '${packageName}' in the project: run pnpm install`);
  }
  return found;
}

function tryFind(packageName: string, from: string): string | undefined {
  try {
    return findPackageJSON(packageName, pathToFileURL(from));
  } catch {
    return undefined;
  }
}
