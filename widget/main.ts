import { API_BASE, createClient } from './api/client.ts';
import { hearing } from './api/hearing.ts';
import { uploader } from './chat/attachments.ts';
import { createChat } from './chat/chat.ts';
import type { ChatContext } from './chat/context.ts';
import { createDrafts } from './chat/drafts.ts';
import { createIdentities } from './chat/identities.ts';
import { createChatStore } from './chat/state.ts';
import { mount } from './element.tsx';
import { readInvitation } from './page/invitation.ts';
import { refreshStudio } from './page/navigate.ts';
import { notify } from './page/notifications.ts';
import { browserStorage, createMemory } from './page/storage.ts';
import { followWorkspace, tellHeard } from './page/workspace-state.ts';
import { createPanel } from './panel/control.ts';

/** The chat beside Studio. */
function start(): void {
  const memory = createMemory(browserStorage());
  const store = createChatStore({ online: navigator.onLine });
  const heard = (): void => chat.heard();
  const send = hearing((url, init) => fetch(url, init), heard);
  const context: ChatContext = {
    store,
    client: createClient(send),
    fetch: send,
    base: API_BASE,
    memory,
    drafts: createDrafts(memory),
    identities: createIdentities(),
    now: () => Date.now(),
    uuid: randomId,
    page: () => location.pathname,
    hidden: () => document.hidden,
    hurry,
    refreshPage: refreshStudio,
    heard,
    tellHeard,
    wake: async () => {
      await fetch('/api/workspace/wake', { method: 'POST' }).catch(() => null);
    },
    notify,
  };
  const chat = createChat(context, uploader(API_BASE));
  const panel = createPanel(memory, chat.setOpen);
  mount(chat, panel);

  window.addEventListener('keydown', (event) => {
    if (event.key !== '.' || !(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey) return;
    event.preventDefault();
    panel.toggle();
  });
  window.addEventListener('online', () => chat.setOnline(true));
  window.addEventListener('offline', () => chat.setOnline(false));
  window.addEventListener('pagehide', chat.finishDeletions);
  document.addEventListener('visibilitychange', chat.lookAgain);
  followWorkspace(chat.setWorkspace);

  const { invitation, rest } = readInvitation(location.href);
  if (invitation.open) history.replaceState(history.state, '', rest);
  if (panel.store.getState().open) chat.setOpen(true);
  else if (invitation.open) panel.open();
  else chat.resume();
  if (invitation.prompt !== null) chat.prefill(invitation.prompt);
}

/** A lost connection is worth another attempt when the network, the tab or the workspace is back. */
function hurry(callback: () => void): () => void {
  const whenVisible = (): void => {
    if (!document.hidden) callback();
  };
  window.addEventListener('online', callback);
  window.addEventListener('shmastra:state', callback);
  document.addEventListener('visibilitychange', whenVisible);
  return () => {
    window.removeEventListener('online', callback);
    window.removeEventListener('shmastra:state', callback);
    document.removeEventListener('visibilitychange', whenVisible);
  };
}

/** `crypto.randomUUID` is there only over https and on localhost. */
function randomId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  const variant = ((Number.parseInt(hex.slice(16, 17), 16) & 3) | 8).toString(16);
  return [hex.slice(0, 8), hex.slice(8, 12), `4${hex.slice(13, 16)}`, variant + hex.slice(17, 20), hex.slice(20)].join(
    '-',
  );
}

start();
