import { healthy, committed, live, typesFit } from '../checks/project.ts';
import { executeTool, toolIsGone, toolReturns } from '../checks/tools.ts';
import { agentAnswers } from '../checks/agents.ts';
import { check, expectThat, type Task } from '../task.ts';
import { put, replaceIn } from './sabotage.ts';

const kept = [healthy, committed, live];
const INDEX = `import { currentTime } from './current-time';
import { leapYear } from './leap-year';

export const tools = { currentTime, leapYear };
`;
const LEAP_YEAR = `import { createTool } from '@mastra/core/tools';
import { z } from 'zod';

export const leapYear = createTool({
  id: 'leap-year',
  description: 'Tells whether a year is a leap year.',
  inputSchema: z.object({ year: z.number().int() }),
  outputSchema: z.object({ leap: z.boolean() }),
  execute: async ({ year }) => ({ leap: year % 4 === 0 }),
});
`;

export const toolTasks: readonly Task[] = [
  {
    name: 'add-tool',
    demo: true,
    turns: [
      {
        say: 'Add a tool with the id celsius-to-fahrenheit. Its input is { celsius: number }, its output { fahrenheit: number }.',
      },
    ],
    checks: [
      toolReturns('celsius-to-fahrenheit', { celsius: 100 }, { fahrenheit: 212 }),
      toolReturns('celsius-to-fahrenheit', { celsius: -40 }, { fahrenheit: -40 }),
      ...kept,
      typesFit,
    ],
    sabotage: {
      how: replaceIn('src/mastra/tools/celsius-to-fahrenheit.ts', /\+ 32/, '+ 30'),
      caughtBy: 'tool celsius-to-fahrenheit returns {"fahrenheit":212} for {"celsius":100}',
    },
  },
  {
    name: 'random-tool',
    demo: true,
    turns: [
      {
        say: 'Add a tool with the id roll-dice that rolls dice. Its input is { sides: number }, its output has value: number.',
      },
    ],
    checks: [
      check('the dice are fair enough', async ({ workspace }) => {
        const values = new Set<unknown>();
        for (let roll = 0; roll < 40; roll += 1) {
          const answer = await executeTool(workspace, 'roll-dice', { sides: 4 });
          const value = typeof answer === 'object' && answer !== null && 'value' in answer ? answer.value : undefined;
          expectThat(typeof value === 'number' && [1, 2, 3, 4].includes(value), `it rolls ${JSON.stringify(answer)}`);
          values.add(value);
        }
        expectThat(values.size > 2, `40 rolls gave ${[...values].join(', ')} only`);
      }),
      ...kept,
    ],
    sabotage: {
      how: replaceIn('src/mastra/tools/roll-dice.ts', /Math\.random\(\)/, '0.5'),
      caughtBy: 'the dice are fair enough',
    },
  },
  {
    name: 'mend-type-error',
    demo: true,
    turns: [
      {
        say: 'Add a tool with the id count-words that counts words: { text: string } to { words: number }. Make a type mistake in the first try on purpose and let the check catch it, then put it right.',
      },
    ],
    checks: [
      check('the check caught it, and then passed', async ({ conversation: { checks } }) => {
        const caught = checks.indexOf(false);
        expectThat(caught >= 0 && checks.lastIndexOf(true) > caught, `the checks were ${JSON.stringify(checks)}`);
      }),
      toolReturns('count-words', { text: ' one  two three ' }, { words: 3 }),
      ...kept,
      typesFit,
    ],
    sabotage: {
      how: replaceIn('src/mastra/tools/count-words.ts', /\.filter\(Boolean\)/, ''),
      caughtBy: 'tool count-words returns {"words":3} for {"text":" one  two three "}',
    },
  },
  {
    name: 'fix-logic',
    demo: false,
    setUp: put({ 'src/mastra/tools/leap-year.ts': LEAP_YEAR, 'src/mastra/tools/index.ts': INDEX }),
    turns: [{ say: 'The tool leap-year says that 1900 was a leap year. Correct it.' }],
    checks: [
      toolReturns('leap-year', { year: 1900 }, { leap: false }),
      toolReturns('leap-year', { year: 2000 }, { leap: true }),
      toolReturns('leap-year', { year: 2028 }, { leap: true }),
      ...kept,
    ],
  },
  {
    name: 'remove-tool',
    demo: false,
    turns: [{ say: 'Remove the tool current-time from the project, and from whatever uses it.' }],
    checks: [toolIsGone('current-time'), agentAnswers('assistant'), ...kept, typesFit],
  },
  {
    name: 'tool-from-attachment',
    demo: false,
    turns: [
      {
        say: 'Add a tool with the id price-of, { product: string } to { euros: number }, that knows the attached prices.',
        attach: { name: 'prices.csv', content: 'product,euros\nlamp,49\nchair,120.5\ntable,310\n' },
      },
    ],
    checks: [
      toolReturns('price-of', { product: 'chair' }, { euros: 120.5 }),
      toolReturns('price-of', { product: 'lamp' }, { euros: 49 }),
      ...kept,
    ],
  },
];
