import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { SourceError } from '../health.ts';

const MAX_MESSAGE = 4000;

/** Finds the line of the project's own source that an error of a bundle came from. */
export function describeError(error: unknown, bundleFile: string, projectDir: string): SourceError {
  const message = (error instanceof Error ? error.message || error.name : String(error)).slice(0, MAX_MESSAGE);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const position = new RegExp(`${escape(bundleFile)}(?:\\?[^:)\\s]*)?:(\\d+)(?::(\\d+))?`).exec(stack);
  if (position === null) return { message };
  return { message, ...originalPosition(bundleFile, projectDir, Number(position[1]), Number(position[2] ?? 1)) };
}

function originalPosition(
  bundleFile: string,
  projectDir: string,
  line: number,
  column: number,
): Omit<SourceError, 'message'> {
  try {
    const map = new SourceMap(JSON.parse(readFileSync(`${bundleFile}.map`, 'utf8')));
    const entry = map.findEntry(line - 1, column - 1);
    if (!('originalSource' in entry) || entry.originalSource === undefined) return {};
    const file = relative(projectDir, resolve(dirname(bundleFile), entry.originalSource));
    return { file, line: entry.originalLine + 1, column: entry.originalColumn + 1 };
  } catch {
    return {};
  }
}

const escape = (text: string) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
