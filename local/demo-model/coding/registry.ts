import type { Names } from './names.ts';

export type Edit = { old: string; new: string };

/** The object of an index.ts that lists what Studio and the API know. */
export const LISTED = /export const \w+ = \{([^{}]*)\}/;
/** The tools that an agent has. */
export const AGENT_TOOLS = /\btools: \{([^{}]*)\}/;

/**
 * The edit that imports something and puts it into an object of the file; null when it is there already, undefined when
 * the file has no such object.
 */
export function addEntry(source: string, { variable }: Names, from: string, object = LISTED): Edit | null | undefined {
  const found = object.exec(source);
  if (!found) return undefined;
  const inner = found[1] ?? '';
  if (inner.split(',').some((entry) => entry.trim() === variable)) return null;
  const imports = [...source.matchAll(/^import [^\n]*$/gm)];
  const lastImport = imports.at(-1);
  const begin = Math.min(lastImport?.index ?? found.index, found.index);
  const old = source.slice(begin, found.index + found[0].length);
  const line = `import { ${variable} } from '${from}';`;
  const added = found[0].replace(`{${inner}}`, () => `{${withEntry(inner, variable)}}`);
  if (!lastImport) return { old, new: `${line}\n\n${added}` };
  const between = source.slice(lastImport.index + lastImport[0].length, found.index);
  return { old, new: `${lastImport[0]}\n${line}${between}${added}` };
}

function withEntry(inner: string, variable: string): string {
  const entries = inner.trim().replace(/,$/, '');
  if (inner.includes('\n')) return `\n  ${entries},\n  ${variable},\n`;
  return entries === '' ? ` ${variable} ` : ` ${entries}, ${variable} `;
}
