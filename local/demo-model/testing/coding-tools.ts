import { jsonSchema, tool } from 'ai';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const PROJECT = resolve(import.meta.dirname, '../../../template/project');
const STARTER = ['agents/index.ts', 'agents/assistant.ts', 'tools/index.ts', 'workflows/index.ts'];

type Given = Record<string, unknown>;
export type Answers = Partial<Record<string, (given: Given, files: Map<string, string>) => unknown>>;

/** The tools of the coding agent over a project in memory; what else happens in a workspace is told by `answers`. */
export function codingTools(answers: Answers = {}) {
  const files = new Map(
    STARTER.map((name) => [`src/mastra/${name}`, readFileSync(join(PROJECT, 'src/mastra', name), 'utf8')]),
  );
  const calls: { name: string; given: Given }[] = [];
  const text = (given: Given, name: string): string => String(given[name] ?? '');
  const known: Answers = {
    update_plan: () => 'The plan is shown.',
    read_file: (given) => {
      const found = files.get(text(given, 'path'));
      if (found === undefined) return 'No such file.';
      return { path: text(given, 'path'), content: found };
    },
    write_file: (given) => {
      files.set(text(given, 'path'), text(given, 'content'));
      return 'Written.';
    },
    edit_file: (given) => {
      const path = text(given, 'path');
      const before = files.get(path) ?? '';
      if (before.split(text(given, 'old_string')).length !== 2) return 'The text is not in the file exactly once.';
      files.set(
        path,
        before.replace(text(given, 'old_string'), () => text(given, 'new_string')),
      );
      return 'Replaced 1 occurrence.';
    },
    apply_changes: () => ({ ok: true, stages: [{ stage: 'types', state: 'skipped', errors: [{ message: 'none' }] }] }),
    run_agent: () => ({ text: 'Demo model: Hello!' }),
    ...answers,
  };
  const tools = Object.fromEntries(
    Object.entries(known).map(([name, answer]) => [
      name,
      tool({
        description: name,
        inputSchema: jsonSchema<Given>({ type: 'object', additionalProperties: true }),
        execute: async (given: Given) => {
          calls.push({ name, given });
          return answer?.(given, files);
        },
      }),
    ]),
  );
  return { tools, files, calls, names: () => calls.map(({ name }) => name) };
}
