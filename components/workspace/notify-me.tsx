'use client';

import { useEffect, useState } from 'react';

import { Button } from '../ui/button.tsx';

/** A notification of the system when the workspace is ready, asked for by a click and only where the browser has them. */
export function NotifyMe() {
  const [permission, setPermission] = useState<NotificationPermission | 'absent'>('absent');
  useEffect(() => {
    if ('Notification' in window && window.isSecureContext) setPermission(Notification.permission);
  }, []);
  if (permission === 'absent') return null;
  if (permission === 'granted') return <p className="self-center text-muted">You get a notification when it is ready.</p>;
  if (permission === 'denied') return null;
  return (
    <Button onClick={() => void Notification.requestPermission().then(setPermission, () => setPermission('absent'))}>
      Notify me
    </Button>
  );
}

/** Tells a person who looks elsewhere. Not every browser allows it from a page; then the title of the tab has to do. */
export function notifyReady(): void {
  if (!('Notification' in window) || Notification.permission !== 'granted') return;
  try {
    const note = new Notification('Your workspace is ready', { tag: 'workspace-ready' });
    note.addEventListener('click', () => {
      window.focus();
      note.close();
    });
  } catch {
    // Some mobile browsers have the name and refuse the constructor.
  }
}
