import type { ToolResult } from '../turn.ts';
import { parseJson } from './json.ts';

const NUMBERED = /^\s*\d+(?:→|\t|\| ?)(.*)$/;

/** The text of a file as it was read: without the head and the numbers of lines that tools show it with. */
export function fileText({ content }: ToolResult): string {
  const parsed = parseJson(content);
  const text = typeof parsed === 'string' ? parsed : (textField(parsed) ?? content);
  const lines = text.split('\n');
  const numbered = lines.flatMap((line) => NUMBERED.exec(line)?.[1] ?? []);
  return numbered.length >= lines.length / 2 ? numbered.join('\n') : text;
}

function textField(value: unknown): string | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const fields = Object.entries(value);
  const found = ['content', 'text'].map((name) => fields.find(([key]) => key === name)?.[1]);
  return found.find((field) => typeof field === 'string');
}
