'use client';

import { useEffect } from 'react';

import { prefetchStudio } from './prefetch-studio.ts';

const DELAY_MILLISECONDS = 500;

/** Gets Studio's files while a person types, so that they are here when the workspace is. */
export function PrefetchStudio() {
  useEffect(() => {
    const abort = new AbortController();
    // Own files come first; people who pay for their data are spared.
    const saving = (navigator as Navigator & { connection?: { saveData?: boolean } }).connection?.saveData;
    const timer = setTimeout(() => (saving ? undefined : void prefetchStudio(abort.signal)), DELAY_MILLISECONDS);
    return () => {
      clearTimeout(timer);
      abort.abort();
    };
  }, []);
  return null;
}
