import { Agent } from '@mastra/core/agent';
import { Memory } from '@mastra/memory';
import { currentTime } from '../tools/current-time';

export const assistant = new Agent({
  id: 'assistant',
  name: 'Assistant',
  description: 'A friendly helper that also knows what time it is anywhere.',
  instructions: `You are a friendly, helpful assistant.
Answer in a few clear sentences, in the language of the question.
When a question depends on the current time or date, ask the current-time tool instead of guessing.
When you don't know something, say so.`,
  model: process.env.DEFAULT_MODEL ?? 'openai/gpt-5-mini',
  tools: { currentTime },
  memory: new Memory({ options: { lastMessages: 20 } }),
});
