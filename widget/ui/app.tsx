import { useEffect } from 'react';
import { useStore } from 'zustand';
import { useChatState, usePanel } from './chat-context.tsx';
import { Launcher } from './launcher.tsx';
import { Panel } from './panel.tsx';

export function App({ host }: { host: HTMLElement }) {
  const open = useStore(usePanel().store, (placement) => placement.open);
  const announcement = useChatState((state) => state.announcement);
  useEffect(() => {
    // Studio's one-letter shortcuts leave dialogs alone.
    if (open) host.setAttribute('role', 'dialog');
    else host.removeAttribute('role');
    if (open) host.setAttribute('aria-label', 'Chat');
    else host.removeAttribute('aria-label');
  }, [open, host]);
  return (
    <>
      {open ? <Panel /> : <Launcher />}
      <output className="hidden" aria-live="polite">
        {announcement}
      </output>
    </>
  );
}
