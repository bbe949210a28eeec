/** Longest piece of a streamed text, in characters. */
const LONGEST = 40;

/** A text as a model streams it: a word with the space before it at a time. Joined, the pieces are the text. */
export function textPieces(text: string): string[] {
  return (text.match(/\s*\S+|\s+$/gu) ?? []).flatMap((word) => chunks(word, LONGEST));
}

/** The JSON of a tool's arguments, cut without regard to its structure, as providers do. */
export function jsonPieces(json: string): string[] {
  return chunks(json, 16);
}

/** Cuts between code points: half of a surrogate pair would arrive as U+FFFD. */
function chunks(text: string, size: number): string[] {
  const characters = Array.from(text);
  const pieces: string[] = [];
  for (let start = 0; start < characters.length; start += size) {
    pieces.push(characters.slice(start, start + size).join(''));
  }
  return pieces;
}
