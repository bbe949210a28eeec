import type { MastraDBMessage } from '@mastra/core/agent/message-list';
import { LibSQLStore } from '@mastra/libsql';
import { Memory } from '@mastra/memory';
import { ApiError } from '../errors.ts';
import type { Message } from '../turns/message-builder.ts';
import { fromStored, toStored } from './stored-message.ts';

export type Session = { id: string; title: string; createdAt: string; updatedAt: string };

/** All sessions of a sandbox belong to its one person. */
const OWNER = 'workspace';
const MAX_LISTED = 200;
const MAX_TITLE = 80;
const NEW_TITLE = 'New chat';

/** Sessions and their finished messages, in Mastra's memory. */
export class SessionStore {
  readonly #memory: Memory;

  constructor(file: string) {
    const storage = new LibSQLStore({ id: 'agent', url: `file:${file}` });
    this.#memory = new Memory({ storage, options: { lastMessages: false } });
  }

  async list(): Promise<Session[]> {
    const { threads } = await this.#memory.listThreads({
      filter: { resourceId: OWNER },
      perPage: MAX_LISTED,
      page: 0,
      orderBy: { field: 'updatedAt', direction: 'DESC' },
    });
    return threads.map(toSession);
  }

  async create(): Promise<Session> {
    return toSession(await this.#memory.createThread({ resourceId: OWNER, title: NEW_TITLE }));
  }

  /** Throws `session_not_found`. */
  async get(id: string): Promise<Session> {
    const thread = await this.#memory.getThreadById({ threadId: id });
    if (thread === null) {
      throw new ApiError(404, 'session_not_found', 'This chat is gone.', { next: 'Start a new one.' });
    }
    return toSession(thread);
  }

  async rename(id: string, title: string): Promise<Session> {
    await this.get(id);
    return toSession(await this.#memory.updateThread({ id, title: title.slice(0, MAX_TITLE), metadata: {} }));
  }

  async remove(id: string): Promise<void> {
    await this.get(id);
    await this.#memory.deleteThread(id);
  }

  /** The stored form of all messages, oldest first. */
  async messages(id: string): Promise<MastraDBMessage[]> {
    const { messages } = await this.#memory.recall({ threadId: id, resourceId: OWNER, perPage: false });
    return messages.toSorted((first, second) => timeOf(first) - timeOf(second));
  }

  async shown(id: string): Promise<Message[]> {
    return (await this.messages(id)).map(fromStored);
  }

  /** Adds a message, and gives a session without a title one after the first question. */
  async add(session: Session, message: Message, createdAt: Date): Promise<Session> {
    const stored = toStored(message, { threadId: session.id, resourceId: OWNER }, createdAt);
    await this.#memory.saveMessages({ messages: [stored] });
    const title = session.title === NEW_TITLE && message.role === 'user' ? titleOf(message) : session.title;
    return toSession(await this.#memory.updateThread({ id: session.id, title, metadata: {} }));
  }

  /** Drops a message and all after it. Returns how many. */
  async dropFrom(sessionId: string, messageId: string): Promise<number> {
    const messages = await this.messages(sessionId);
    const index = messages.findIndex(({ id, role }) => id === messageId && role === 'user');
    if (index === -1) {
      throw new ApiError(404, 'message_not_found', 'The message to replace is gone.', { next: 'Reload the chat.' });
    }
    const dropped = messages.slice(index).map(({ id }) => id);
    await this.#memory.deleteMessages(dropped);
    return dropped.length;
  }
}

const timeOf = ({ createdAt }: MastraDBMessage) => new Date(createdAt).getTime();

type Thread = { id: string; title?: string; createdAt: Date; updatedAt: Date };

function toSession({ id, title, createdAt, updatedAt }: Thread): Session {
  return {
    id,
    title: title === undefined || title === '' ? NEW_TITLE : title,
    createdAt: new Date(createdAt).toISOString(),
    updatedAt: new Date(updatedAt).toISOString(),
  };
}

function titleOf({ parts }: Message): string {
  const text = parts.map((part) => (part.type === 'text' ? part.text : '')).join(' ');
  const line = text.replaceAll(/\s+/g, ' ').trim();
  if (line === '') return NEW_TITLE;
  return line.length <= MAX_TITLE ? line : `${line.slice(0, MAX_TITLE - 1).trimEnd()}…`;
}
