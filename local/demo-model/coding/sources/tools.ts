import { namesOf, type Names } from '../names.ts';

/** A tool that the demo model knows how to write. */
export type KnownTool = {
  when: RegExp;
  names: Names;
  source: string;
  /** What a first try gets wrong when the person wants to see the check at work: a type that does not fit. */
  mistake: { right: string; wrong: string };
  /** What to ask an agent that has it. */
  trial: string;
};

const dice = `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const rollDice = createTool({
  id: 'roll-dice',
  description: 'Rolls a dice and tells the number.',
  inputSchema: z.object({
    sides: z.number().int().min(2).max(1000).default(6).describe('How many sides the dice has'),
  }),
  outputSchema: z.object({ value: z.number(), sides: z.number() }),
  execute: async ({ sides = 6 }) => {
    const value = 1 + Math.floor(Math.random() * sides);
    return { value, sides };
  },
});
`;

const fahrenheit = `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const celsiusToFahrenheit = createTool({
  id: 'celsius-to-fahrenheit',
  description: 'Converts a temperature from Celsius to Fahrenheit.',
  inputSchema: z.object({ celsius: z.number() }),
  outputSchema: z.object({ fahrenheit: z.number() }),
  execute: async ({ celsius }) => {
    const fahrenheit = (celsius * 9) / 5 + 32;
    return { fahrenheit };
  },
});
`;

const wordCount = `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const countWords = createTool({
  id: 'count-words',
  description: 'Counts the words of a text.',
  inputSchema: z.object({ text: z.string() }),
  outputSchema: z.object({ words: z.number() }),
  execute: async ({ text }) => {
    const words = text.split(/\\s+/).filter(Boolean).length;
    return { words };
  },
});
`;

const weather = `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

/** Made up from the letters of the name, so that it works without a weather service: put a call of one here. */
const madeUp = (city: string) => Array.from(city).reduce((sum, letter) => sum + letter.charCodeAt(0), 0);

export const getWeather = createTool({
  id: 'get-weather',
  description: 'Gives the weather of a city. The values are made up.',
  inputSchema: z.object({ city: z.string() }),
  outputSchema: z.object({ city: z.string(), celsius: z.number(), sky: z.string() }),
  execute: async ({ city }) => {
    const celsius = madeUp(city) % 30;
    const sky = ['clear', 'cloudy', 'rainy'][madeUp(city) % 3] ?? 'clear';
    return { city, celsius, sky };
  },
});
`;

export const KNOWN_TOOLS: readonly KnownTool[] = [
  {
    when: /\b(dice|die)\b/i,
    names: namesOf('roll dice', 'tool'),
    source: dice,
    mistake: { right: 'return { value, sides };', wrong: 'return { value: `a ${value}`, sides };' },
    trial: 'Roll a dice with 6 sides',
  },
  {
    when: /\b(celsius|fahrenheit)\b/i,
    names: namesOf('celsius to fahrenheit', 'tool'),
    source: fahrenheit,
    mistake: { right: 'return { fahrenheit };', wrong: 'return { fahrenheit: `${fahrenheit} °F` };' },
    trial: 'Use the celsius-to-fahrenheit tool: 100',
  },
  {
    when: /\bwords\b/i,
    names: namesOf('count words', 'tool'),
    source: wordCount,
    mistake: { right: 'return { words };', wrong: 'return { words: String(words) };' },
    trial: 'Count words of "one two three"',
  },
  {
    when: /\bweather\b/i,
    names: namesOf('get weather', 'tool'),
    source: weather,
    mistake: { right: 'return { city, celsius, sky };', wrong: 'return { city, celsius: `${celsius} °C`, sky };' },
    trial: 'What is the weather in Lisbon?',
  },
];
