import { createCodingAgent } from '@mastra/core/coding-agent';
import type { Agent } from '@mastra/core/agent';
import type { ToolsInput } from '@mastra/core/agent';

/** How often a call of a model is tried again before the next model is asked. */
const RETRIES = 1;

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
  return createCodingAgent({
    id: 'shmastra',
    name: 'Shmastra',
    instructions,
    model: models.map((model) => ({ model, maxRetries: RETRIES })),
    tools,
    // Files and commands are tools of ours, which know the turn; a workspace would bring a second set of them.
    workspace: undefined,
    // What failed is told to the person rather than tried again for long.
    errorProcessors: [],
  });
}
