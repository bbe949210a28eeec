/** Where Studio opens with the chat open and a prompt in it, ready to be sent; without a prompt, plain Studio. */
export function withPrompt(target: string, prompt: string | null): string {
  const url = parsed(target);
  url.searchParams.delete('shmastra');
  url.searchParams.delete('prompt');
  if (prompt !== null) {
    url.searchParams.set('shmastra', 'open');
    url.searchParams.set('prompt', prompt);
  }
  return `${url.pathname}${url.search}${url.hash}`;
}

/** The prompt that a target carries, null for none. */
export function promptOf(target: string): string | null {
  const { searchParams } = parsed(target);
  return searchParams.get('shmastra') === 'open' ? searchParams.get('prompt') : null;
}

function parsed(target: string): URL {
  return new URL(target, 'http://origin.invalid');
}
