import { useEffect, useRef, useState } from 'react';
import { useStore } from 'zustand';
import { MAX_WIDTH, MIN_WIDTH } from '../panel/placement.ts';
import { clampWidth, widthAfterKey, widthAt } from '../panel/placement.ts';
import { AppsView } from './apps-view.tsx';
import { useChat, useChatState, usePanel } from './chat-context.tsx';
import { ChatView } from './chat-view.tsx';
import { Header } from './header.tsx';
import { HistoryView } from './history-view.tsx';
import { useKeptFocus } from './use-kept-focus.ts';
import { usePageWidth } from './use-page-width.ts';

/** The open chat, over Studio and beside nothing: Studio keeps its size. */
export function Panel() {
  const chat = useChat();
  const panel = usePanel();
  const { side, width: chosen } = useStore(panel.store);
  // Only shown so: what the person chose fits again when the window grows.
  const width = clampWidth(chosen, usePageWidth());
  const view = useChatState((state) => state.view.name);
  const root = useRef<HTMLDivElement>(null);
  useKeptFocus(root);

  useEffect(() => {
    // Above React's own listeners: what handles the key inside may stop it.
    const tree = root.current?.getRootNode();
    if (!(tree instanceof ShadowRoot)) return;
    const onKeyDown = (event: Event): void => {
      if (!(event instanceof KeyboardEvent) || event.key !== 'Escape' || event.defaultPrevented || event.isComposing)
        return;
      // An open menu takes the key for itself.
      if (tree.querySelector('.popup')) return;
      event.preventDefault();
      event.stopPropagation();
      if (view === 'chat') panel.close();
      else chat.setView({ name: 'chat' });
    };
    tree.addEventListener('keydown', onKeyDown);
    return () => tree.removeEventListener('keydown', onKeyDown);
  }, [chat, panel, view]);

  return (
    <section className="panel" data-side={side} style={{ '--width': `${width}px` }} ref={root}>
      <Edge width={width} />
      <Header />
      {view === 'chat' && <ChatView />}
      {view === 'history' && <HistoryView />}
      {view === 'apps' && <AppsView />}
    </section>
  );
}

/** The edge that is dragged, or moved by arrow keys. */
function Edge({ width }: { width: number }) {
  const panel = usePanel();
  const side = useStore(panel.store, (placement) => placement.side);
  const [dragging, setDragging] = useState(false);
  return (
    <div
      className="edge"
      // A separator that is moved is a control, which <hr> is not.
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="separator"
      aria-label="Width of the chat"
      aria-orientation="vertical"
      aria-valuemin={MIN_WIDTH}
      aria-valuemax={MAX_WIDTH}
      aria-valuenow={width}
      tabIndex={0}
      data-dragging={dragging || undefined}
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        setDragging(true);
      }}
      onPointerMove={(event) => {
        if (dragging) panel.setWidth(widthAt(event.clientX, side, window.innerWidth), window.innerWidth);
      }}
      onPointerUp={() => setDragging(false)}
      onPointerCancel={() => setDragging(false)}
      onKeyDown={(event) => {
        const next = widthAfterKey(event.key, event.shiftKey, side, width, window.innerWidth);
        if (next === null) return;
        event.preventDefault();
        panel.setWidth(next, window.innerWidth);
      }}
    />
  );
}
