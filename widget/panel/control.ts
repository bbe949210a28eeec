import { createStore } from 'zustand/vanilla';
import type { Memory } from '../page/storage.ts';
import { clampWidth, INITIAL_PLACEMENT, placementSchema, type Placement } from './placement.ts';

export type PanelControl = ReturnType<typeof createPanel>;

/** Whether and where the panel is open, remembered in this browser. */
export function createPanel(memory: Memory, onOpen: (open: boolean) => void) {
  const store = createStore<Placement>(() => memory.read('panel', placementSchema) ?? INITIAL_PLACEMENT);

  function set(change: Partial<Placement>): void {
    const before = store.getState();
    store.setState(change);
    memory.write('panel', store.getState());
    if (change.open !== undefined && change.open !== before.open) onOpen(change.open);
  }

  return {
    store,
    open: () => set({ open: true }),
    close: () => set({ open: false }),
    toggle: () => set({ open: !store.getState().open }),
    switchSide: () => set({ side: store.getState().side === 'right' ? 'left' : 'right' }),
    setWidth: (width: number, pageWidth: number) => set({ width: clampWidth(width, pageWidth) }),
  };
}
