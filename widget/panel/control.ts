import { createStore } from 'zustand/vanilla';
import type { Memory } from '../page/storage.ts';
import { clampWidth, INITIAL_PLACEMENT, placementSchema, type Placement } from './placement.ts';

export type PanelControl = ReturnType<typeof createPanel>;

/** Whether and where the panel is open, remembered in this browser. */
export function createPanel(memory: Memory, onOpen: (open: boolean) => void) {
  const store = createStore<Placement>(() => memory.read('panel', placementSchema) ?? INITIAL_PLACEMENT);

  let before: Element | null = null;

  function set(change: Partial<Placement>): void {
    const was = store.getState();
    if (change.open && !was.open) before = document.activeElement;
    store.setState(change);
    memory.write('panel', store.getState());
    if (change.open !== undefined && change.open !== was.open) onOpen(change.open);
  }

  return {
    store,
    /** What had the focus before the panel was opened, if it is still there and not the page as a whole. */
    focusedBefore: (): HTMLElement | null =>
      before instanceof HTMLElement && before.isConnected && before !== document.body ? before : null,
    open: () => set({ open: true }),
    close: () => set({ open: false }),
    toggle: () => set({ open: !store.getState().open }),
    switchSide: () => set({ side: store.getState().side === 'right' ? 'left' : 'right' }),
    setWidth: (width: number, pageWidth: number) => set({ width: clampWidth(width, pageWidth) }),
  };
}
