import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileDiff } from '../history/types.ts';

export type Opening = { label: string; path: string };

const APP = /^src\/mastra\/public\/apps\/([\w.-]+)\//;
const AGENT = /^src\/mastra\/agents\/(?!index\.)[\w./-]+\.ts$/;
const WORKFLOW = /^src\/mastra\/workflows\/(?!index\.)[\w./-]+\.ts$/;
const ID = /\bid:\s*['"`]([\w.-]+)['"`]/;

/** Where a person looks at what a commit brought: an app, an agent's chat, a workflow. Null when there is nothing to see. */
export async function whereToOpen(projectDir: string, files: FileDiff[]): Promise<Opening | null> {
  // What was only taken away cannot be opened; what grew most is what the change was about.
  const candidates = files.filter(({ added }) => added > 0).toSorted((first, second) => second.added - first.added);
  const app = candidates.map(({ file }) => APP.exec(file)?.[1]).find((name) => name !== undefined);
  if (app !== undefined) return { label: 'Open app', path: `/apps/${app}` };
  for (const { file } of candidates) {
    const id = AGENT.test(file) || WORKFLOW.test(file) ? await idIn(join(projectDir, file)) : undefined;
    if (id === undefined) continue;
    if (AGENT.test(file)) return { label: 'Open agent', path: `/studio/agents/${id}/threads/new` };
    return { label: 'Open workflow', path: `/studio/workflows/${id}/graph` };
  }
  return null;
}

async function idIn(file: string): Promise<string | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '');
  // The last one: steps of a workflow are defined before it.
  const made = [...text.matchAll(/new Agent\(|createWorkflow\(/g)].at(-1)?.index ?? 0;
  return ID.exec(text.slice(made))?.[1];
}
