import { fieldOf, resultText } from '../result-text.ts';
import type { Script } from '../script.ts';

/** "What time is it in Berlin?": asks a tool that knows, and passes on its answer. */
export const time: Script = {
  name: 'time',
  when: /\b(what|which|tell|know|current|today|now)\b.*\b(time|date|day|clock|hour)\b|\btime\b.*\bnow\b|\bhow late\b/is,
  steps: [
    { call: { tool: /^(time|clock|date|datetime|now)$/ } },
    {
      say: ({ results }) => {
        const local = fieldOf(results[0], 'local');
        const zone = fieldOf(results[0], 'timeZone');
        if (local === undefined) return resultText(results);
        return zone === undefined ? `it is ${local}.` : `it is ${local} (${zone}).`;
      },
    },
  ],
};
