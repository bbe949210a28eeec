import { createRoot } from 'react-dom/client';
import type { Chat } from './chat/chat.ts';
import { followTheme } from './page/theme.ts';
import type { PanelControl } from './panel/control.ts';
import { createSheet } from './style/sheet.ts';
import { App } from './ui/app.tsx';
import { ChatProvider } from './ui/chat-context.tsx';

const NAME = 'shmastra-chat';

class ChatElement extends HTMLElement {}

/** Puts the chat beside Studio, in a shadow root so that neither's styles reach the other, and keeps it there. */
export function mount(chat: Chat, panel: PanelControl): HTMLElement {
  if (!customElements.get(NAME)) customElements.define(NAME, ChatElement);
  const host = document.createElement(NAME);
  const shadow = host.attachShadow({ mode: 'open' });
  shadow.adoptedStyleSheets = [createSheet()];
  const root = document.createElement('div');
  root.className = 'root';
  const portal = document.createElement('div');
  portal.className = 'root';
  shadow.append(root, portal);
  followTheme((theme) => {
    host.dataset['theme'] = theme;
  });
  keepKeysInside(shadow);
  createRoot(root).render(
    <ChatProvider chat={chat} panel={panel} portal={portal}>
      <App host={host} />
    </ChatProvider>,
  );
  document.body.append(host);
  stayAttached(host);
  return host;
}

/**
 * Outside a shadow root a key typed into a field seems to come from a plain element, so the page's shortcuts would take
 * it for theirs. Those with Ctrl or Cmd go on: they are Studio's.
 */
function keepKeysInside(shadow: ShadowRoot): void {
  for (const type of ['keydown', 'keypress', 'keyup']) {
    shadow.addEventListener(type, (event) => {
      if (!(event instanceof KeyboardEvent) || event.ctrlKey || event.metaKey || event.altKey) return;
      // Escape and Tab are awaited on the document by open menus.
      if (event.key === 'Escape' || event.key === 'Tab') return;
      if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement)
        event.stopPropagation();
    });
  }
}

/** A page that replaces its body takes everything in it along. */
function stayAttached(host: HTMLElement): void {
  const attach = (): void => {
    if (!host.isConnected) document.body.append(host);
  };
  new MutationObserver(attach).observe(document.documentElement, { childList: true });
  let body = document.body;
  const watch = new MutationObserver(() => {
    attach();
    if (document.body === body) return;
    body = document.body;
    watch.observe(body, { childList: true });
  });
  watch.observe(body, { childList: true });
}
