/** After a form that went away with what was focused in it: back to where the person writes. */
export function focusComposer(near: HTMLElement | null): void {
  const tree = near?.getRootNode();
  if (tree instanceof ShadowRoot) tree.querySelector<HTMLElement>('.composer textarea')?.focus({ preventScroll: true });
}
