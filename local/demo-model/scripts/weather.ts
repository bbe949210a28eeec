import { resultText } from '../result-text.ts';
import type { Script } from '../script.ts';

/** "Will it rain in Lisbon?": asks a weather tool, if the agent has one. */
export const weather: Script = {
  name: 'weather',
  when: /\b(weather|forecast|rain(y|ing)?|snow(y|ing)?|sunny|temperature|how (warm|cold|hot))\b/i,
  steps: [{ call: { tool: /^(weather|forecast|temperature)$/ } }, { say: ({ results }) => resultText(results) }],
};
