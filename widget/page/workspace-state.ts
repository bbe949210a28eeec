import * as z from 'zod/mini';

/** What the script beside Studio says of the sandbox, by a `shmastra:state` event on the window. */
export const workspaceSchema = z.object({
  view: z.enum([
    'ready',
    'asleep',
    'waking',
    'healing',
    'provisioning',
    'broken',
    'updating',
    'unreachable',
    'offline',
  ]),
  buildError: z.nullish(z.string()),
  revision: z.nullish(z.union([z.string(), z.number()])),
});
export type WorkspaceView = z.infer<typeof workspaceSchema>['view'];

/** Tells the script beside Studio that the workspace has answered. It may wait for its own next attempt. */
export function tellHeard(): void {
  window.dispatchEvent(new Event('shmastra:heard'));
}

/** Follows the sandbox's state, and asks for the present one. Returns how to end it. */
export function followWorkspace(onView: (view: WorkspaceView) => void): () => void {
  const listener = (event: Event): void => {
    if (!(event instanceof CustomEvent)) return;
    const parsed = workspaceSchema.safeParse(event.detail);
    if (parsed.success) onView(parsed.data.view);
  };
  window.addEventListener('shmastra:state', listener);
  window.dispatchEvent(new Event('shmastra:state?'));
  return () => window.removeEventListener('shmastra:state', listener);
}
