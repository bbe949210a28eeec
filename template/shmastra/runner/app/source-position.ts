import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, relative, resolve } from 'node:path';
import type { SourceError } from '../health.ts';

const MAX_MESSAGE = 4000;
/** A place in a bundle, as stack traces name it. */
const BUNDLE_PLACE = /(\/[^\s()]*\/\.cache\/shmastra\/[\w-]+\.mjs)(?:\?[^:)\s]*)?:(\d+)(?::(\d+))?/;

/** Finds the line of the project's own source that an error came from. */
export function describeError(error: unknown, projectDir: string): SourceError {
  const message = (error instanceof Error ? error.message || error.name : String(error)).slice(0, MAX_MESSAGE);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  return { message, ...sourcePosition(stack, projectDir) };
}

/** The place in the project's source of the first place in a bundle that the text names. */
export function sourcePosition(text: string, projectDir: string): Omit<SourceError, 'message'> {
  const [, bundleFile, line, column] = BUNDLE_PLACE.exec(text) ?? [];
  if (bundleFile === undefined) return {};
  return originalPosition(bundleFile, projectDir, Number(line), Number(column ?? 1));
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
