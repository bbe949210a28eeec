import * as z from 'zod/mini';
import type { SkillLibrary } from '../skills/skill-library.ts';
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

export function skillTool({ tool }: ToolContext, skills: SkillLibrary): Record<string, AgentTool> {
  return {
    read_skill: tool({
      name: 'read_skill',
      description:
        'Reads a skill by its name. For mastra it also searches the documentation of the installed version by a query, and reads a document of it by name.',
      input: z.object({
        name: z.string().check(z.maxLength(100)),
        query: z.optional(z.string().check(z.maxLength(200))),
        document: z.optional(z.string().check(z.maxLength(200))),
        offset: z.optional(z.int().check(z.gte(0))),
      }),
      execute: async ({ name, query, document, offset }) => {
        if (document !== undefined) return skills.document(document, offset);
        if (query !== undefined) return { documents: await skills.search(query) };
        return skills.read(name);
      },
    }),
  };
}
