const MAX_CHARACTERS = 120;

/** A file's name for people and models: without its folders, and without characters that would change how it reads. */
export function cleanName(name: string): string {
  const last = name.split(/[/\\]/).at(-1) ?? '';
  const cleaned = last
    // Control characters, and those that reverse or hide text.
    .replaceAll(/[\p{Cc}\p{Cf}\p{Co}\p{Cs}\p{Zl}\p{Zp}"<>]/gu, '')
    .replaceAll(/\s+/g, ' ')
    .trim();
  if (/^\.*$/.test(cleaned)) return 'file';
  if (cleaned.length <= MAX_CHARACTERS) return cleaned;
  const ending = /\.[^.]{1,10}$/.exec(cleaned)?.[0] ?? '';
  return cleaned.slice(0, MAX_CHARACTERS - ending.length) + ending;
}
