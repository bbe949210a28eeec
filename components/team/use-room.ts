import { useEffect, type RefObject } from 'react';

/** Between the notice and what is kept clear of it. */
const GAP_PIXELS = 8;

type Place = RefObject<Element | null>;

/**
 * Keeps clear of the notice at the window's edge what is being used: the row that it is about when it appears, and what the
 * focus comes to by keyboard while it is there.
 */
export function useRoom({ notice, row }: { notice: Place; row: Place }): void {
  useEffect(() => moveClear(row.current, notice.current), [notice, row]);
  useEffect(() => {
    const onFocus = ({ target }: FocusEvent) => {
      // Not by mouse: a page that moves under a pressed button loses the click.
      if (!(target instanceof Element) || !target.matches(':is(a, button, input, select):focus-visible')) return;
      if (!notice.current?.contains(target)) moveClear(target, notice.current);
    };
    document.addEventListener('focusin', onFocus);
    return () => document.removeEventListener('focusin', onFocus);
  }, [notice]);
}

function moveClear(what: Element | null, notice: Element | null): void {
  if (!what?.isConnected || !notice) return;
  const covered = what.getBoundingClientRect().bottom + GAP_PIXELS - notice.getBoundingClientRect().top;
  if (covered > 0) window.scrollBy(0, covered);
}
