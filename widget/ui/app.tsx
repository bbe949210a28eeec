import { useEffect, useRef } from 'react';
import { useStore } from 'zustand';
import { useChatState, usePanel } from './chat-context.tsx';
import { Launcher } from './launcher.tsx';
import { Panel } from './panel.tsx';

/** A panel that closes takes the focus along; who has moved on meanwhile keeps it. */
function returnFocus(host: HTMLElement, before: HTMLElement | null): void {
  const { activeElement } = document;
  if (activeElement !== null && activeElement !== document.body && activeElement !== host) return;
  const launcher = host.shadowRoot?.querySelector<HTMLElement>('.launcher');
  (before && before !== host ? before : launcher)?.focus({ preventScroll: true });
}

export function App({ host }: { host: HTMLElement }) {
  const panel = usePanel();
  const open = useStore(panel.store, (placement) => placement.open);
  const wasOpen = useRef(open);
  const announcement = useChatState((state) => state.announcement);
  useEffect(() => {
    // Studio's one-letter shortcuts leave dialogs alone.
    if (open) host.setAttribute('role', 'dialog');
    else host.removeAttribute('role');
    if (open) host.setAttribute('aria-label', 'Chat');
    else host.removeAttribute('aria-label');
    if (wasOpen.current && !open) returnFocus(host, panel.focusedBefore());
    wasOpen.current = open;
  }, [open, host, panel]);
  return (
    <>
      {open ? <Panel /> : <Launcher />}
      <output className="hidden" aria-live="polite">
        {announcement}
      </output>
    </>
  );
}
