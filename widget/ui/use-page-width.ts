import { useSyncExternalStore } from 'react';

function subscribe(onChange: () => void): () => void {
  window.addEventListener('resize', onChange);
  return () => window.removeEventListener('resize', onChange);
}

/** Width of the page, as it is now. Pixels. */
export function usePageWidth(): number {
  return useSyncExternalStore(subscribe, () => window.innerWidth);
}
