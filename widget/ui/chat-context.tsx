import { createContext, useContext, useEffect, useState, type ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Chat } from '../chat/chat.ts';
import type { ChatState } from '../chat/state.ts';
import type { PanelControl } from '../panel/control.ts';

type Surroundings = { chat: Chat; panel: PanelControl; portal: HTMLElement };

const Context = createContext<Surroundings | null>(null);

export function ChatProvider({ children, ...value }: Surroundings & { children: ReactNode }) {
  return <Context value={value}>{children}</Context>;
}

function useSurroundings(): Surroundings {
  const value = useContext(Context);
  if (!value) throw new Error('Used outside the chat.');
  return value;
}

export const useChat = (): Chat => useSurroundings().chat;
export const usePanel = (): PanelControl => useSurroundings().panel;
/** Where menus go: into the shadow root, since styles do not reach the document. */
export const usePortal = (): HTMLElement => useSurroundings().portal;

export function useChatState<T>(select: (state: ChatState) => T): T {
  return useStore(useChat().store, select);
}

/** The time, anew at each interval while it matters. */
export function useNow(active: boolean, intervalMs = 1000): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!active) return;
    const timer = setInterval(() => setNow(Date.now()), intervalMs);
    return () => clearInterval(timer);
  }, [active, intervalMs]);
  return now;
}
