import type { ToolResult } from './turn.ts';

const LIMIT = 600;
/** Fields in which tools put what is meant for people. */
const TELLING = ['local', 'text', 'answer', 'summary', 'message', 'result', 'output', 'content', 'value'];
const FIELD_LIMIT = 12;

/** What tools returned, as a sentence or as a short list of its fields. */
export function resultText(results: readonly ToolResult[]): string {
  return results.map(oneResult).join('\n');
}

function oneResult({ name, content, failed }: ToolResult): string {
  const tool = name === null ? 'The tool' : `The tool ${name}`;
  if (failed) return `${tool} failed: ${shorten(content)}`;
  const text = readable(parse(content));
  if (text === '') return `${tool} returned nothing.`;
  return text.startsWith('- ') ? `${tool} returned:\n${text}` : `${tool} says: ${text}`;
}

/** The text of a result's field, where there is one. */
export function fieldOf(result: ToolResult | undefined, name: string): string | undefined {
  const value = result && !result.failed ? parse(result.content) : undefined;
  if (typeof value !== 'object' || value === null) return undefined;
  const field: unknown = Object.entries(value).find(([key]) => key === name)?.[1];
  return typeof field === 'string' || typeof field === 'number' ? String(field) : undefined;
}

function readable(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value !== 'object') return shorten(String(value));
  const entries = Object.entries(value);
  const telling = TELLING.map((name) => entries.find(([key]) => key === name)?.[1]);
  const text = telling.find((field) => typeof field === 'string' && field !== '');
  if (typeof text === 'string') return shorten(text);
  if (Array.isArray(value) || entries.length === 0) return shorten(JSON.stringify(value));
  const lines = entries.slice(0, FIELD_LIMIT).map(([key, field]) => `- ${key}: ${plain(field)}`);
  if (entries.length > FIELD_LIMIT) lines.push(`- and ${entries.length - FIELD_LIMIT} more`);
  return lines.join('\n');
}

const plain = (field: unknown): string => shorten(typeof field === 'string' ? field : JSON.stringify(field), 120);

function parse(content: string): unknown {
  try {
    const value: unknown = JSON.parse(content);
    return value;
  } catch {
    return content;
  }
}

function shorten(text: string, limit = LIMIT): string {
  const characters = Array.from(text.trim().slice(0, limit * 2));
  return characters.length > limit ? `${characters.slice(0, limit).join('')}…` : characters.join('');
}
