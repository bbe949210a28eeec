'use client';

import { useEffect } from 'react';

/** Takes the one-time token out of the address bar, the history and what gets copied from them. */
export function ForgetToken() {
  useEffect(() => {
    if (window.location.search) window.history.replaceState(window.history.state, '', window.location.pathname);
  }, []);
  return null;
}
