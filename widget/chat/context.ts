import type { ChatClient, Fetch } from '../api/client.ts';
import type { Memory } from '../page/storage.ts';
import type { Drafts } from './drafts.ts';
import type { Identities } from './identities.ts';
import type { ChatStore, Flash } from './state.ts';

/** What the actions of the chat share: its state, and everything outside that they touch. */
export type ChatContext = {
  store: ChatStore;
  client: ChatClient;
  fetch: Fetch;
  base: string;
  memory: Memory;
  drafts: Drafts;
  identities: Identities;
  now: () => number;
  uuid: () => string;
  /** Path of the page that the person looks at. */
  page: () => string;
  hidden: () => boolean;
  /** Calls back when a lost connection is worth another attempt at once. */
  hurry: (callback: () => void) => () => void;
  /** Lets the page's own lists be fetched anew. */
  refreshPage: () => void;
  /** The workspace itself has said something. */
  heard: () => void;
  /** Tells the script beside Studio so, which may not know yet. */
  tellHeard: () => void;
  /** Asks the control plane to wake the sandbox. */
  wake: () => Promise<void>;
  /** Shows a desktop notification, if the person has asked for such. */
  notify: (title: string, body: string) => void;
};

let flashes = 0;

export function showFlash(context: ChatContext, flash: Omit<Flash, 'key'>): void {
  flashes += 1;
  context.store.setState({ flash: { ...flash, key: flashes } });
}

export function announce(context: ChatContext, announcement: string): void {
  context.store.setState({ announcement });
}
