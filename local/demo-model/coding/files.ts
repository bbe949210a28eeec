import { say, together, use, type Play, type Use } from '../play.ts';
import type { ToolResult } from '../turn.ts';
import { readCheck, tellError, type Check } from './check.ts';
import { fileText } from './file-text.ts';
import { field, parseJson } from './json.ts';
import type { Names } from './names.ts';
import { addEntry, LISTED, type Edit } from './registry.ts';

export const PROJECT = 'src/mastra';
export type Folder = 'agents' | 'tools' | 'workflows';

export const indexOf = (folder: Folder): string => `${PROJECT}/${folder}/index.ts`;
export const reading = (path: string): Use => ({ tool: 'read_file', arguments: { path } });
export const writing = (path: string, content: string): Use => ({ tool: 'write_file', arguments: { path, content } });
export const editing = (path: string, edit: Edit): Use => ({
  tool: 'edit_file',
  arguments: { path, old_string: edit.old, new_string: edit.new },
});

/** The steps of a plan, of which so many are done. */
export const planning =
  (...texts: readonly string[]) =>
  (done: number): Use => {
    const state = (index: number) => (index < done ? 'done' : index === done ? 'doing' : 'todo');
    return {
      tool: 'update_plan',
      arguments: { items: texts.map((text, index) => ({ id: String(index + 1), text, state: state(index) })) },
    };
  };

export function* read(path: string): Play<string> {
  return fileText(yield* use('read_file', { path }));
}

/** What is to be written in one go to put a new file on the list of its folder; undefined where the list is not found. */
export function registering(folder: Folder, names: Names, index: string): Use[] | undefined {
  const edit = addEntry(index, names, `./${names.id}`, LISTED);
  if (edit === undefined) return undefined;
  return edit === null ? [] : [editing(indexOf(folder), edit)];
}

export function* apply(message: string, ...beside: readonly Use[]): Play<Check> {
  const results = yield* together(...beside, { tool: 'apply_changes', arguments: { message } });
  const result = results.at(-1);
  return result ? readCheck(result) : { ok: false, errors: [] };
}

export function* tellFailedCheck({ errors }: Check): Play {
  const found = errors.slice(0, 3).map(tellError).join('; ');
  yield* say(`The check did not pass${found === '' ? '' : `: ${found}`}. The last good version is still live.`);
}

/** Where an index.ts has been rewritten in a way that no script foresees. */
export function* tellNoList(folder: Folder): Play {
  yield* say(`${indexOf(folder)} does not look as I know it, so nothing was changed. A real model would find its way.`);
}

/** What an agent or a workflow gave when it was tried, in one line; empty when that failed. */
export function tried(result: ToolResult | undefined): string {
  const parsed = result && !result.failed ? parseJson(result.content) : undefined;
  const text = field(parsed, 'text') ?? field(field(parsed, 'result'), 'text');
  if (typeof text !== 'string') return '';
  return text.replace('Demo model: ', '').replace(/\s+/g, ' ').slice(0, 300);
}
