/** What doubles of providers say, in pieces; it looks like usage in one place. */
export const WORDS = ['Grüße ', 'from ', 'the ', 'double, ', 'with ', '"usage":{"prompt_tokens":1} ', 'in ', 'it.'];
export const TEXT = WORDS.join('');

/** What they call a tool with. */
export const TOOL_INPUT = { city: 'Zürich' };
