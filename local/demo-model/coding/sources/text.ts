/** A string of TypeScript, in the quotes that the project's files use. */
export function quoted(text: string): string {
  const inner = JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'");
  return `'${inner}'`;
}

/** A person's words inside of a template string. */
export const inTemplate = (text: string): string => text.replace(/[\\`]|\$(?=\{)/g, '\\$&');

export const sentence = (text: string): string => {
  const trimmed = text.trim();
  const capital = trimmed.charAt(0).toUpperCase() + trimmed.slice(1);
  return /[.!?]$/.test(capital) ? capital : `${capital}.`;
};
