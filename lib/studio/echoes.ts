export type Message = {
  id: string;
  role: string;
  content: { parts: readonly { type: string; text?: string }[] };
};

/**
 * What a chat shows beside its history, without the echoes: a person's messages that have come back from the server under
 * other ids. The history has them behind everything of it that was known (`former`); each takes one shown message with it,
 * the oldest that says the same. Runs in Studio's script, hence without anything from outside of it.
 */
export function withoutEchoes(
  shown: readonly Message[],
  history: readonly Message[],
  former: ReadonlyMap<string, Message>,
): Message[] {
  const said = (message: Message): string =>
    message.content.parts
      .flatMap((part) => (part.type === 'text' ? [part.text] : part.type === 'file' ? ['\0'] : []))
      .join('\n');
  const own = (message: Message): boolean => message.role === 'user';
  const known = history.findLastIndex(({ id }) => former.has(id));
  const arrived = history
    .slice(known + 1)
    .filter(own)
    .map(said);
  return shown.filter((message) => {
    const echo = own(message) ? arrived.indexOf(said(message)) : -1;
    if (echo >= 0) arrived.splice(echo, 1);
    return echo < 0;
  });
}
