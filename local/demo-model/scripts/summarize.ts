import type { Script } from '../script.ts';

const SENTENCES = 2;

/** "Summarize this text in two sentences: ...": the first sentences stand for the summary. */
export const summarize: Script = {
  name: 'summarize',
  when: /^\W*(please )?(summari[sz]e|sum up)\b[^\n]*?[:\n]\s*\S/i,
  steps: [
    {
      say: ({ question }) => {
        const text = question.replace(/^[^\n]*?(:\s|:?\n)/, '').trim();
        const sentences = text.split(/(?<=[.!?])\s+/).slice(0, SENTENCES);
        return `the text begins like this: ${sentences.join(' ').slice(0, 600)}`;
      },
    },
  ],
};
