import { resultText } from '../result-text.ts';
import type { Script } from '../script.ts';

const QUOTED = 200;

/** Takes any question: passes on what tools said, or says what was asked and that nobody thought about it. */
export const fallback: Script = {
  name: 'fallback',
  when: () => true,
  steps: [
    {
      say: ({ question, results }) => {
        if (results.length > 0) return resultText(results);
        const asked = question === '' ? '' : `You asked: “${quote(question)}” `;
        return `scripted answers. ${asked}Add a provider key to get a real answer.`;
      },
    },
  ],
};

function quote(question: string): string {
  const characters = Array.from(question.replace(/\s+/g, ' '));
  return characters.length > QUOTED ? `${characters.slice(0, QUOTED).join('')}…` : characters.join('');
}
