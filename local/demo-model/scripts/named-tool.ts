import { toolNamedIn } from '../offered-tools.ts';
import { resultText } from '../result-text.ts';
import type { Script } from '../script.ts';

/** "Roll the dice" or "use the rollDice tool": lets people try tools that they wrote. */
export const namedTool: Script = {
  name: 'named tool',
  when: ({ tools, question }) => toolNamedIn(tools, question) !== undefined,
  steps: [
    { call: { tool: ({ tools, question }) => toolNamedIn(tools, question) } },
    { say: ({ results }) => resultText(results) },
  ],
};
