import { createCodingAgent } from '@mastra/core/coding-agent';
import type { Agent, ToolsInput } from '@mastra/core/agent';
import { noopLogger } from '@mastra/core/logger';
import { PrefillErrorHandler, ProviderHistoryCompat } from '@mastra/core/processors';
import { RetryProcessor } from './models/retry-processor.ts';

/** The coding agent of one turn. Models are asked in order: the next one when one fails before it has answered. */
export function codingAgent({
  models,
  instructions,
  tools,
}: {
  models: string[];
  instructions: string;
  tools: ToolsInput;
}): Agent {
  const agent = createCodingAgent({
    id: 'shmastra',
    name: 'Shmastra',
    instructions,
    model: models.map((model) => ({ model, maxRetries: 0 })),
    tools,
    // Files and commands are tools of ours, which know the turn; a workspace would bring a second set of them.
    workspace: undefined,
    // What failed is told to the person rather than tried again for long.
    errorProcessors: [new ProviderHistoryCompat(), new PrefillErrorHandler(), new RetryProcessor()],
    maxProcessorRetries: 2,
  });
  // Its errors come with the stream, and whole requests have no place in a log.
  agent.__setLogger(noopLogger);
  return agent;
}
