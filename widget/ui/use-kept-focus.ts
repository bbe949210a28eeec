import { useEffect, useRef, type RefObject } from 'react';
import type { View } from '../chat/state.ts';
import { useChat } from './chat-context.tsx';

/** A button by what stays the same of it when it is drawn anew: its name, and which of those with that name it is. */
type Opener = { name: string; nth: number };

const nameOf = (button: Element): string => button.getAttribute('aria-label') ?? button.textContent;
const namesakes = (root: Element, name: string): HTMLElement[] =>
  [...root.querySelectorAll<HTMLElement>('button')].filter((button) => nameOf(button) === name);

/** What is focused in the panel, or the button whose menu has what is. */
function openerIn(root: Element, tree: ShadowRoot): Opener | null {
  const { activeElement } = tree;
  const button = root.contains(activeElement) ? activeElement : root.querySelector('button[data-popup-open]');
  if (!button) return null;
  const name = nameOf(button);
  return { name, nth: namesakes(root, name).findIndex((other) => other === button) };
}

/** Where a person goes on from: the way back from a view; in the chat what they write, if that brings up no keyboard. */
function focusStart(root: Element, view: View): void {
  const touch = window.matchMedia('(pointer: coarse)').matches;
  const chat = touch && !('compose' in view) ? '.viewport' : '.composer textarea, .viewport';
  const places = [...root.querySelectorAll<HTMLElement>(view.name === 'chat' ? chat : '.back')];
  (places.find((place) => place.matches('textarea')) ?? places[0])?.focus({ preventScroll: true });
}

/**
 * Keeps the focus in the panel when what had it is gone: a new view has it at its way back, the chat again at what led away,
 * and a button that has done its work leaves it to the composer. Keys such as Escape would be the page's else.
 */
export function useKeptFocus(panel: RefObject<HTMLElement | null>): void {
  const { store } = useChat();
  const opener = useRef<Opener | null>(null);

  useEffect(() => {
    const root = panel.current;
    const tree = root?.getRootNode();
    if (!root || !(tree instanceof ShadowRoot)) return;
    let last: Element | null = null;
    const onFocus = (event: Event): void => {
      last = event.target instanceof Element ? event.target : null;
    };
    // What it sees has been drawn already, with the focus that the new parts have taken by themselves.
    const observer = new MutationObserver(() => {
      if (!last || last.isConnected || tree.activeElement) return;
      last = null;
      if (document.activeElement === document.body) focusStart(root, store.getState().view);
    });
    // Who goes on elsewhere on the page wants no focus back.
    const onPointer = (event: Event): void => {
      if (!event.composedPath().includes(root)) last = null;
    };
    observer.observe(root, { childList: true, subtree: true });
    root.addEventListener('focusin', onFocus);
    document.addEventListener('pointerdown', onPointer, true);
    return () => {
      document.removeEventListener('pointerdown', onPointer, true);
      observer.disconnect();
      root.removeEventListener('focusin', onFocus);
    };
  }, [panel, store]);

  useEffect(() => {
    const root = panel.current;
    const tree = root?.getRootNode();
    if (!root || !(tree instanceof ShadowRoot)) return;
    return store.subscribe(({ view }, { view: before }) => {
      if (view.name === before.name) return;
      // What was clicked is still there; the new view is drawn in a moment.
      if (before.name === 'chat') opener.current = openerIn(root, tree);
      setTimeout(() => {
        const back = view.name === 'chat' && !('compose' in view) ? opener.current : null;
        const button = back && namesakes(root, back.name)[back.nth];
        if (button) button.focus();
        else focusStart(root, view);
      });
    });
  }, [panel, store]);
}
