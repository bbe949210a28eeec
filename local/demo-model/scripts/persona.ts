import type { Scene, Script } from '../script.ts';

/** How the demo model's scene "create an agent" begins the instructions that it writes. */
const WRITTEN = /^You are (?<name>[^\n]{1,60}?), an agent that (?<purpose>[^\n]{1,300}?)\.$/m;

/** Plays an agent that the demo model itself has written: as far as a script can, it does what its instructions say. */
export const persona: Script = {
  name: 'persona',
  when: ({ instructions }) => WRITTEN.test(instructions),
  steps: [{ say: ({ instructions }) => answer(instructions) }],
};

function answer(instructions: Scene['instructions']): string {
  const { name = '', purpose = '' } = WRITTEN.exec(instructions)?.groups ?? {};
  const says = [purpose, ...linesAfter(instructions, /^Also /)]
    .flatMap((part) => /^says? ["“']?([^"”'\n]+?)["”']?(?:,| and |$)/i.exec(part)?.[1] ?? [])
    .map((words) => `${words.charAt(0).toUpperCase()}${words.slice(1)}!`);
  const tone = linesAfter(instructions, /^Be /).some((what) => /friend|nice|warm|kind/i.test(what));
  const facts = [...instructions.matchAll(/^([A-Z][\w ]{0,40}: [^\n]{1,100}\.)$/gm)].map(([, fact]) => fact);
  return [...says, tone ? 'How nice of you to write!' : '', `I am ${name}, an agent that ${purpose}.`, ...facts]
    .filter(Boolean)
    .join(' ');
}

/** "Also say goodbye." -> "say goodbye" */
const linesAfter = (instructions: string, beginning: RegExp): string[] =>
  instructions
    .split('\n')
    .filter((line) => beginning.test(line))
    .map((line) => line.replace(beginning, '').replace(/[.!]$/, ''));
