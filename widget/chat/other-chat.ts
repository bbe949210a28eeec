import type { ChatContext } from './context.ts';

const LOOK_MS = 3000;
/** An hour. */
const MAX_LOOKS = 1200;

export type OtherChat = { sessionId: string; title: string };

/**
 * The agent does one thing at a time, and does it in another chat. Looks from time to time, besides the events that tell
 * of it, whether it is done there; calls back then.
 */
export async function waitForOther(context: ChatContext, chat: OtherChat, done: () => void): Promise<void> {
  const { store, client } = context;
  store.setState({ elsewhere: chat });
  for (let look = 0; look < MAX_LOOKS && store.getState().elsewhere === chat; look++) {
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
    const sessions = await client.sessions().catch(() => null);
    if (sessions && !sessions.some((session) => session.id === chat.sessionId && session.running)) break;
  }
  if (store.getState().elsewhere === chat) done();
}
