/** The most that is kept of a document's text. */
export const MAX_TEXT_CHARACTERS = 400_000;
