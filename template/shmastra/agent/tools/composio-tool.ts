import * as z from 'zod/mini';
import type { ToolContext } from './context.ts';
import { ToolError, type AgentTool } from './tool.ts';

const TIMEOUT_MS = 10_000;
const MAX_LISTED = 50;

const toolkits = z.object({
  items: z.array(
    z.looseObject({
      slug: z.string(),
      name: z.optional(z.string()),
      meta: z.optional(z.looseObject({ description: z.optional(z.string()), tools_count: z.optional(z.number()) })),
    }),
  ),
});

/** Composio's toolkits, where the gateway offers them. */
export function composioTool({ tool, environment }: ToolContext): Record<string, AgentTool> {
  return {
    list_composio_toolkits: tool({
      name: 'list_composio_toolkits',
      description: 'Lists toolkits of Composio, which connect agents to services such as Gmail or GitHub.',
      input: z.object({ search: z.optional(z.string().check(z.maxLength(100))) }),
      execute: async ({ search }, signal) => {
        const { COMPOSIO_BASE_URL, COMPOSIO_API_KEY } = environment();
        const query = new URLSearchParams({ limit: String(MAX_LISTED), ...(search === undefined ? {} : { search }) });
        const response = await fetch(`${COMPOSIO_BASE_URL}/toolkits?${query.toString()}`, {
          headers: { 'x-api-key': COMPOSIO_API_KEY ?? '' },
          redirect: 'error',
          signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
        });
        if (!response.ok) throw new ToolError(`Composio answers ${response.status}.`);
        const { items } = toolkits.parse(await response.json());
        return items.slice(0, MAX_LISTED).map(({ slug, name, meta }) => ({
          slug,
          name,
          description: meta?.description?.slice(0, 200),
          tools: meta?.tools_count,
        }));
      },
    }),
  };
}
