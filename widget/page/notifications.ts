import * as z from 'zod/mini';
import { browserStorage, createMemory } from './storage.ts';

const memory = createMemory(browserStorage());

export type NotificationState = 'on' | 'off' | 'unsupported';

/** Whether long turns end with a desktop notification: the browser allows it and the person has asked for it. */
export function notificationState(): NotificationState {
  if (!('Notification' in window) || Notification.permission === 'denied') return 'unsupported';
  return Notification.permission === 'granted' && memory.read('notify', z.boolean()) === true ? 'on' : 'off';
}

/** Only ever after a click: a browser's question nobody asked for is answered with no. */
export async function setNotifications(on: boolean): Promise<NotificationState> {
  const allowed = on && (await Notification.requestPermission()) === 'granted';
  memory.write('notify', allowed);
  return notificationState();
}

export function notify(title: string, body: string): void {
  if (notificationState() !== 'on') return;
  const notification = new Notification(title, { body: body.slice(0, 200), tag: 'shmastra-turn' });
  notification.addEventListener('click', () => {
    window.focus();
    notification.close();
  });
}
