import type { Prompt } from '../turn.ts';

export const emptyPrompt: Prompt = {
  model: 'demo',
  instructions: '',
  messages: [],
  tools: [],
  toolChoice: 'auto',
  outputSchema: null,
  maxTokens: null,
};
