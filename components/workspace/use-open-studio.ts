'use client';

import { useEffect, useState } from 'react';

import { mayOpen, readOpens } from './open-guard.ts';

const MEMORY = 'studio-opened';

/** Goes on to Studio once it may. Returns true when it would only go in circles, so that a link is shown instead. */
export function useOpenStudio(wanted: boolean, target: string): boolean {
  const [stuck, setStuck] = useState(false);
  useEffect(() => {
    if (!wanted) return;
    const timer = setTimeout(() => {
      const { allowed, opens } = mayOpen(readOpens(read()), Date.now());
      write(JSON.stringify(opens));
      // `replace`: Back leads to where the person came from, not to a page that sends them on again.
      if (allowed) window.location.replace(target);
      setStuck(!allowed);
    });
    return () => clearTimeout(timer);
  }, [wanted, target]);
  return stuck;
}

// Private windows and strict settings refuse storage; the guard is then without memory, nothing more.
function read(): string | null {
  try {
    return sessionStorage.getItem(MEMORY);
  } catch {
    return null;
  }
}

function write(value: string): void {
  try {
    sessionStorage.setItem(MEMORY, value);
  } catch {
    // See above.
  }
}
