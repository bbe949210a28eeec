import type { Names } from '../names.ts';
import { inTemplate, quoted, sentence } from './text.ts';

/** An agent like the sample agent: the same model, and a memory. The script `persona` plays what its instructions say. */
export function agentSource({ id, variable, title }: Names, purpose: string, facts: readonly string[] = []): string {
  return `import { Agent } from '@mastra/core/agent';
import { Memory } from '@mastra/memory';

export const ${variable} = new Agent({
  id: ${quoted(id)},
  name: ${quoted(title)},
  description: ${quoted(sentence(purpose))},
  instructions: \`You are ${inTemplate(title)}, an agent that ${inTemplate(purpose)}.
${facts.map((fact) => `${inTemplate(fact)}\n`).join('')}Answer in one or two short sentences, in the language of the question.\`,
  model: process.env.DEFAULT_MODEL ?? 'openai/gpt-5-mini',
  memory: new Memory({ options: { lastMessages: 20 } }),
});
`;
}
