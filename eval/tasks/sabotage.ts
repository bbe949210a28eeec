import { isHealthy, untilHealth } from '../health.ts';
import type { Workspace } from '../workspace.ts';

/** Makes a result wrong by a change of one file, and waits until that is what serves. */
export const replaceIn =
  (path: string, what: RegExp, by: string) =>
  async (workspace: Workspace): Promise<void> => {
    const before = await workspace.read(path);
    if (before === undefined) throw new Error(`there is no ${path} to sabotage`);
    const after = before.replace(what, by);
    if (after === before) throw new Error(`${path} has nothing that fits ${what.source}`);
    const { revision } = await untilHealth(workspace, isHealthy);
    await workspace.write(path, after);
    await untilHealth(workspace, (health) => health.revision !== revision && isHealthy(health));
  };

/** Writes a file of a set-up, and waits until the server has taken it in. */
export const put =
  (files: Record<string, string>, healthyAfter = true) =>
  async (workspace: Workspace): Promise<void> => {
    const { revision } = await untilHealth(workspace, isHealthy);
    for (const [path, content] of Object.entries(files)) await workspace.write(path, content);
    const sources = Object.keys(files).some((path) => path.startsWith('src/') && path.endsWith('.ts'));
    if (!sources) return;
    await untilHealth(workspace, (health) =>
      healthyAfter ? health.revision !== revision && isHealthy(health) : health.error != null,
    );
  };
