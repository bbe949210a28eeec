/** The words of a name or a sentence in small letters: `getCurrentTime`, `get-current-time` and `get_current_time` are one. */
export function words(text: string): string[] {
  return (
    text
      .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
      .toLowerCase()
      .match(/[\p{L}\d]+/gu) ?? []
  );
}
