import * as z from 'zod/mini';
import catalogue from '../catalogue/mcp-servers.json' with { type: 'json' };
import type { ToolContext } from './context.ts';
import type { AgentTool } from './tool.ts';

const REGISTRY = 'https://registry.modelcontextprotocol.io/v0/servers';
const TIMEOUT_MS = 4000;
const MAX_FOUND = 10;
const MAX_BYTES = 1024 * 1024;

const registryAnswer = z.object({
  servers: z.array(
    z.looseObject({
      server: z.optional(z.looseObject({ name: z.string(), description: z.optional(z.string()) })),
      name: z.optional(z.string()),
      description: z.optional(z.string()),
    }),
  ),
});

type Listed = (typeof catalogue.servers)[number];

export function mcpTool({ tool }: ToolContext): Record<string, AgentTool> {
  return {
    search_mcp_servers: tool({
      name: 'search_mcp_servers',
      description:
        'Finds MCP servers for a service or a task: in a small list that comes along, and in the public registry when it can be reached.',
      input: z.object({ query: z.string().check(z.minLength(1), z.maxLength(100)) }),
      execute: async ({ query }, signal) => ({
        listed: searchCatalogue(catalogue.servers, query),
        listedAsOf: catalogue.date,
        registry: await searchRegistry(query, signal),
      }),
    }),
  };
}

/** Those that have most of the words, in name or description. */
export function searchCatalogue(servers: Listed[], query: string): Listed[] {
  const words = query.toLowerCase().match(/[\p{L}\p{N}]{2,}/gu) ?? [];
  const scored = servers.map((server) => {
    const text = `${server.name} ${server.description} ${server.keywords.join(' ')}`.toLowerCase();
    return { server, score: words.filter((word) => text.includes(word)).length };
  });
  return scored
    .filter(({ score }) => score > 0)
    .toSorted((first, second) => second.score - first.score)
    .slice(0, MAX_FOUND)
    .map(({ server }) => server);
}

async function searchRegistry(query: string, signal: AbortSignal): Promise<unknown> {
  try {
    const url = `${REGISTRY}?limit=${MAX_FOUND}&search=${encodeURIComponent(query)}`;
    const response = await fetch(url, {
      signal: AbortSignal.any([signal, AbortSignal.timeout(TIMEOUT_MS)]),
      redirect: 'error',
    });
    const text = await response.text();
    if (!response.ok || text.length > MAX_BYTES) return 'cannot be searched now';
    return registryAnswer
      .parse(JSON.parse(text))
      .servers.slice(0, MAX_FOUND)
      .map((entry) => entry.server ?? entry);
  } catch {
    return 'cannot be reached from here';
  }
}
