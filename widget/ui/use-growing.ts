import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/** A text area that is as high as its text; CSS says how high at most. */
export function useGrowing(focus = false): RefObject<HTMLTextAreaElement | null> {
  const area = useRef<HTMLTextAreaElement>(null);
  // At each drawing: what else is drawn may change the width.
  useLayoutEffect(() => {
    const element = area.current;
    if (!element) return;
    element.style.height = 'auto';
    element.style.height = `${element.scrollHeight}px`;
  });
  useEffect(() => {
    if (!focus) return;
    area.current?.focus();
    area.current?.setSelectionRange(area.current.value.length, area.current.value.length);
  }, [focus]);
  return area;
}
