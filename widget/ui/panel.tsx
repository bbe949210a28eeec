import { useEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useStore } from 'zustand';
import { MAX_WIDTH, MIN_WIDTH } from '../panel/placement.ts';
import { widthAfterKey, widthAt } from '../panel/placement.ts';
import { AppsView } from './apps-view.tsx';
import { useChat, useChatState, usePanel } from './chat-context.tsx';
import { ChatView } from './chat-view.tsx';
import { Header } from './header.tsx';
import { HistoryView } from './history-view.tsx';

/** The open chat, over Studio and beside nothing: Studio keeps its size. */
export function Panel() {
  const chat = useChat();
  const panel = usePanel();
  const { side, width } = useStore(panel.store);
  const view = useChatState((state) => state.view.name);
  const root = useRef<HTMLDivElement>(null);

  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Escape' || event.defaultPrevented || event.nativeEvent.isComposing) return;
    // An open menu takes the key for itself.
    const tree = root.current?.getRootNode();
    if (tree instanceof ShadowRoot && tree.querySelector('.popup')) return;
    event.preventDefault();
    event.stopPropagation();
    if (view === 'chat') panel.close();
    else chat.setView({ name: 'chat' });
  }

  return (
    <section className="panel" data-side={side} style={{ '--width': `${width}px` }} ref={root} onKeyDown={onKeyDown}>
      <Edge />
      <Header />
      {view === 'chat' && <ChatView />}
      {view === 'history' && <HistoryView />}
      {view === 'apps' && <AppsView />}
    </section>
  );
}

/** The edge that is dragged, or moved by arrow keys. */
function Edge() {
  const panel = usePanel();
  const { side, width } = useStore(panel.store);
  const [dragging, setDragging] = useState(false);
  useEffect(() => {
    const onResize = (): void => panel.setWidth(panel.store.getState().width, window.innerWidth);
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, [panel]);
  return (
    <div
      className="edge"
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
