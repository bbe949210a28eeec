import type { Names } from '../names.ts';
import { quoted } from './text.ts';

/** A tool that says whether a service's key is set, and nothing of the key. */
export function environmentToolSource({ id, variable }: Names, service: string, key: string): string {
  return `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const ${variable} = createTool({
  id: ${quoted(id)},
  description: ${quoted(`Tells whether the key for ${service} is set.`)},
  inputSchema: z.object({}),
  outputSchema: z.object({ connected: z.boolean() }),
  execute: async () => ({ connected: Boolean(process.env.${key}) }),
});
`;
}
