import type { Tool } from './turn.ts';
import { words } from './words.ts';

/** Words of a tool's name that say nothing about what it does; `agent` and `workflow` are prefixes of Mastra. */
const EMPTY_WORDS = new Set(['tool', 'get', 'fetch', 'run', 'do', 'the', 'a', 'my', 'agent', 'workflow']);

/** The tool whose name has a word that matches, else one whose description has. */
export function toolMatching(tools: readonly Tool[], pattern: RegExp): Tool | undefined {
  const matches = (text: string) => words(text).some((word) => pattern.test(word));
  return tools.find((tool) => matches(tool.name)) ?? tools.find((tool) => matches(firstSentence(tool.description)));
}

/** The tool that a question asks for: it gives the name, or all words of the name. */
export function toolNamedIn(tools: readonly Tool[], question: string): Tool | undefined {
  const asked = words(question);
  const names: string[] = question.toLowerCase().match(/[\w-]+/g) ?? [];
  return (
    tools.find((tool) => names.includes(tool.name.toLowerCase())) ??
    tools.find((tool) => {
      const telling = words(tool.name).filter((word) => !EMPTY_WORDS.has(word));
      return telling.length > 0 && telling.every((word) => asked.some((other) => sameWord(word, other)));
    })
  );
}

/** "summarize" and "summary", "dice" and "dices". */
function sameWord(one: string, other: string): boolean {
  if (one === other) return true;
  const stem = Math.max(4, Math.min(one.length, other.length) - 2);
  return one.slice(0, stem) === other.slice(0, stem) && one.length >= stem && other.length >= stem;
}

/** Long descriptions mention much that the tool is not about. */
const firstSentence = (text: string): string => text.slice(0, 200).split(/(?<=[.!?])\s/)[0] ?? '';
