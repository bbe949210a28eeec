import * as z from 'zod/mini';
import type { ProjectFiles } from '../project/project-files.ts';
import { searchFiles } from '../project/search.ts';
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

const path = z.string().check(z.describe('Path in the project, such as src/mastra/agents/hello.ts'));

/** Reading, searching and changing the project's files. */
export function fileTools({ tool, files, projectDir, beforeChange }: ToolContext): Record<string, AgentTool> {
  return {
    read_file: tool({
      name: 'read_file',
      description: 'Reads a text file of the project. Of .env files it shows only the names of the variables.',
      input: z.object({
        path,
        first_line: z.optional(z.int().check(z.gte(1))),
        lines: z.optional(z.int().check(z.gte(1), z.lte(2000))),
      }),
      execute: async (input) => files.read(input.path, input.first_line, input.lines),
    }),
    list_files: tool({
      name: 'list_files',
      description: 'Lists files and folders of the project, without packages and what is generated.',
      input: z.object({
        path: z.optional(path),
        depth: z.optional(z.int().check(z.gte(1), z.lte(10))),
      }),
      execute: async (input) => files.list(input.path ?? '.', input.depth ?? 4),
    }),
    search_files: tool({
      name: 'search_files',
      description: 'Finds lines in the files of the project by an extended regular expression.',
      input: z.object({
        pattern: z.string().check(z.minLength(1), z.maxLength(500)),
        path: z.optional(path),
        glob: z.optional(z.string().check(z.maxLength(200), z.describe('Only such files, for example *.ts'))),
        ignore_case: z.optional(z.boolean()),
      }),
      execute: async (input, signal) =>
        searchFiles(
          projectDir,
          { pattern: input.pattern, path: input.path ?? '.', glob: input.glob, ignoreCase: input.ignore_case ?? false },
          signal,
        ),
    }),
    ...changingTools({ tool, files, beforeChange }),
  };
}

type Changing = Pick<ToolContext, 'tool' | 'beforeChange'> & { files: ProjectFiles };

function changingTools({ tool, files, beforeChange }: Changing): Record<string, AgentTool> {
  return {
    write_file: tool({
      name: 'write_file',
      description: 'Writes a whole file of the project, which it creates with its folders if need be.',
      input: z.object({ path, content: z.string() }),
      execute: async (input) => {
        await beforeChange();
        return files.write(input.path, input.content);
      },
    }),
    edit_file: tool({
      name: 'edit_file',
      description:
        'Replaces a piece of a file. old_string has to be in the file exactly once, unless replace_all is set.',
      input: z.object({
        path,
        old_string: z.string(),
        new_string: z.string(),
        replace_all: z.optional(z.boolean()),
      }),
      execute: async (input) => {
        await beforeChange();
        return files.edit(input.path, input.old_string, input.new_string, input.replace_all ?? false);
      },
    }),
    delete_file: tool({
      name: 'delete_file',
      description: 'Deletes a file of the project, or a folder when recursive is set.',
      input: z.object({ path, recursive: z.optional(z.boolean()) }),
      execute: async (input) => {
        await beforeChange();
        return files.remove(input.path, input.recursive ?? false);
      },
    }),
  };
}
