'use client';

import { useState, useSyncExternalStore } from 'react';

import { Button } from '../ui/button.tsx';

type Permission = NotificationPermission | 'absent';

const nothingToFollow = () => () => {};

function readPermission(): Permission {
  return 'Notification' in window && window.isSecureContext ? Notification.permission : 'absent';
}

/** A notification of the system when the workspace is ready, asked for by a click and only where the browser has them. */
export function NotifyMe() {
  const permission = useSyncExternalStore<Permission>(nothingToFollow, readPermission, () => 'absent');
  const [, setAnswer] = useState<Permission | null>(null);
  if (permission === 'granted')
    return <p className="self-center text-muted">You get a notification when it is ready.</p>;
  if (permission !== 'default') return null;
  return (
    <Button onClick={() => void Notification.requestPermission().then(setAnswer, () => setAnswer('absent'))}>
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
