import type { Names } from '../names.ts';
import { quoted } from './text.ts';

/** A step from text to text that the demo model knows how to write. */
export type KnownStep = { id: string; variable: string; title: string; when: RegExp } & (
  | { expression: string }
  /** What the sample agent is asked, before the text. */
  | { asks: string }
);

export const KNOWN_STEPS: readonly KnownStep[] = [
  {
    id: 'upper-case',
    variable: 'upperCase',
    title: 'Makes all letters capitals.',
    when: /\b(upper|capital\w*|shout\w*)\b/i,
    expression: 'text.toUpperCase()',
  },
  {
    id: 'lower-case',
    variable: 'lowerCase',
    title: 'Makes all letters small.',
    when: /\blower\b/i,
    expression: 'text.toLowerCase()',
  },
  {
    id: 'reverse',
    variable: 'reverse',
    title: 'Turns the text round.',
    when: /\b(reverse\w*|backwards?)\b/i,
    expression: "Array.from(text).toReversed().join('')",
  },
  {
    id: 'trim',
    variable: 'trim',
    title: 'Removes the space around the text.',
    when: /\b(trim\w*|tid(?:y|ies))\b/i,
    expression: 'text.trim()',
  },
  {
    id: 'exclaim',
    variable: 'exclaim',
    title: 'Ends the text with an exclamation mark.',
    when: /\bexcla\w*\b/i,
    expression: '`${text}!`',
  },
  {
    id: 'summarise',
    variable: 'summarise',
    title: 'Sums the text up.',
    when: /\bsumm\w*\b|\bsums? up\b/i,
    asks: 'Summarize this text in two sentences:',
  },
  {
    id: 'translate',
    variable: 'translate',
    title: 'Translates the text.',
    when: /\btranslat\w*\b/i,
    asks: 'Translate this text into Spanish:',
  },
];

/** The steps that a request names, in its order. */
export function stepsIn(question: string): KnownStep[] {
  return KNOWN_STEPS.flatMap((step) => {
    const at = question.search(step.when);
    return at < 0 ? [] : [{ at, step }];
  })
    .toSorted((one, other) => one.at - other.at)
    .map(({ step }) => step);
}

export function workflowSource({ id, variable }: Names, steps: readonly KnownStep[]): string {
  const written = steps.map(
    (step) => `const ${step.variable} = createStep({
  id: ${quoted(step.id)},
  description: ${quoted(step.title)},
  inputSchema: textSchema,
  outputSchema: textSchema,
  ${executeOf(step)}
});
`,
  );
  return `import { createStep, createWorkflow } from '@mastra/core/workflows';
import { z } from 'zod';

const textSchema = z.object({ text: z.string() });

${written.join('\n')}
export const ${variable} = createWorkflow({
  id: ${quoted(id)},
  description: ${quoted(steps.map(({ title }) => title).join(' '))},
  inputSchema: textSchema,
  outputSchema: textSchema,
})
${steps.map((step) => `  .then(${step.variable})\n`).join('')}  .commit();
`;
}

function executeOf(step: KnownStep): string {
  if ('expression' in step) return `execute: async ({ inputData: { text } }) => ({ text: ${step.expression} }),`;
  return `execute: async ({ inputData: { text }, mastra }) => {
    const answer = await mastra.getAgentById('assistant').generate(\`${step.asks}\\n\\n\${text}\`);
    return { text: answer.text };
  },`;
}
