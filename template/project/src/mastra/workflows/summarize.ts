import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';

const measuredText = z.object({ text: z.string(), words: z.number(), minutesToRead: z.number() });

const measure = createStep({
  id: 'measure',
  description: 'Counts the words and estimates how long reading takes.',
  inputSchema: z.object({ text: z.string().min(1) }),
  outputSchema: measuredText,
  execute: async ({ inputData: { text } }) => {
    const words = text.trim().split(/\s+/).length;
    return { text, words, minutesToRead: Math.max(1, Math.round(words / 230)) };
  },
});

const summarizeText = createStep({
  id: 'summarize-text',
  description: 'Asks the assistant for a summary.',
  inputSchema: measuredText,
  outputSchema: z.object({ summary: z.string(), words: z.number(), minutesToRead: z.number() }),
  execute: async ({ inputData: { text, words, minutesToRead }, mastra }) => {
    const answer = await mastra.getAgentById('assistant').generate(`Summarize this text in two sentences:\n\n${text}`);
    return { summary: answer.text, words, minutesToRead };
  },
});

export const summarize = createWorkflow({
  id: 'summarize',
  description: 'Measures a text and sums it up in two sentences.',
  inputSchema: z.object({ text: z.string().min(1).describe('The text to sum up') }),
  outputSchema: z.object({ summary: z.string(), words: z.number(), minutesToRead: z.number() }),
})
  .then(measure)
  .then(summarizeText)
  .commit();
