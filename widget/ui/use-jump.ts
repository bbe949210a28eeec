import { useCallback, useEffect, useRef, useState } from 'react';

/** Pixels that may be hidden before the way to them is offered. */
const SLACK = 24;

function hiddenBelow(viewport: HTMLElement): number {
  const last = [...viewport.querySelectorAll('.message')].at(-1);
  return last ? last.getBoundingClientRect().bottom - viewport.getBoundingClientRect().bottom : 0;
}

/**
 * Whether the end of the conversation is out of sight, and the way there. By the last message and not by the scroll
 * height, which has room kept free below a prompt that went to the top.
 */
export function useJump(content: unknown) {
  const viewport = useRef<HTMLDivElement>(null);
  const [away, setAway] = useState(false);
  const look = useCallback(() => {
    if (viewport.current) setAway(hiddenBelow(viewport.current) > SLACK);
  }, []);
  useEffect(() => {
    const element = viewport.current;
    if (!element) return;
    const observer = new ResizeObserver(look);
    observer.observe(element);
    element.addEventListener('scroll', look, { passive: true });
    return () => {
      observer.disconnect();
      element.removeEventListener('scroll', look);
    };
  }, [look]);
  useEffect(look, [look, content]);
  const jump = useCallback(() => {
    const element = viewport.current;
    if (!element) return;
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches;
    element.scrollBy({ top: hiddenBelow(element) + 16, behavior: calm ? 'auto' : 'smooth' });
    element.focus({ preventScroll: true });
  }, []);
  return { viewport, away, jump };
}
