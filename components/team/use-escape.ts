import { useEffect } from 'react';

/** Calls back for Escape, unless something nearer has used it, or has a use of its own for it: fields and their lists. */
export function useEscape(onEscape: (event: KeyboardEvent) => void): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented || event.isComposing) return;
      if (event.target instanceof Element && event.target.matches('input:not([readonly]), select')) return;
      onEscape(event);
    };
    document.addEventListener('keydown', onKey);
    return () => document.removeEventListener('keydown', onKey);
  }, [onEscape]);
}
