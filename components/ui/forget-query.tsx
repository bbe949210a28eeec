'use client';

import { useEffect } from 'react';

/**
 * Takes values out of the address bar, the history and what gets copied from them once the page has them: a one-time token,
 * and what is told this once and would be told again at each reload.
 */
export function ForgetQuery({ names }: { names: readonly string[] }) {
  useEffect(() => {
    const url = new URL(window.location.href);
    for (const name of names) url.searchParams.delete(name);
    if (url.href === window.location.href) return;
    window.history.replaceState(window.history.state, '', `${url.pathname}${url.search}${url.hash}`);
  }, [names]);
  return null;
}
