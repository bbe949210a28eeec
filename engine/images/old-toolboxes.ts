import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';

/**
 * Toolboxes in `<dataDir>/toolbox` that no machine under `runDir` has mounted. Sandboxes that an engine adopted go on
 * with the toolbox they were started with; their bundles say which.
 * @param current the running engine's own; without an engine every start makes sure of one, so that none is kept for it
 */
export async function findOldToolboxes(dataDir: string, runDir: string, current?: string): Promise<string[]> {
  const directory = path.join(dataDir, 'toolbox');
  const names = await readdir(directory).catch((): string[] => []);
  const machines = await readdir(runDir).catch((): string[] => []);
  const bundles = await Promise.all(
    machines.map((id) => readFile(path.join(runDir, id, 'config.json'), 'utf8').catch(() => '')),
  );
  const isUsed = (folder: string) =>
    folder === current || bundles.some((text) => text.includes(JSON.stringify(folder)));
  const old = names
    .filter((name) => /^[0-9a-f]{16}$/.test(name))
    .map((name) => path.join(directory, name))
    .filter((folder) => !isUsed(folder));
  // The one copy of Node's file is linked into each toolbox that has this version.
  const kept = names.filter((name) => /^[0-9a-f]{16}$/.test(name) && !old.includes(path.join(directory, name)));
  const linked = new Set(
    await Promise.all(
      kept.map((name) =>
        stat(path.join(directory, name, 'node')).then(
          (file) => file.ino,
          () => 0,
        ),
      ),
    ),
  );
  for (const name of names.filter((entry) => entry.startsWith('node-') && !entry.endsWith('.tmp'))) {
    const copy = path.join(directory, name);
    if (!linked.has((await stat(copy)).ino)) old.push(copy);
  }
  return old;
}
