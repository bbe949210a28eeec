import * as z from 'zod/mini';

export const MIN_WIDTH = 360;
export const MAX_WIDTH = 720;
export const DEFAULT_WIDTH = 420;
/** Below this width of the page the panel fills it. */
export const PHONE_WIDTH = 640;

export const placementSchema = z.object({ open: z.boolean(), side: z.enum(['left', 'right']), width: z.number() });
export type Placement = z.infer<typeof placementSchema>;
export type Side = Placement['side'];

export const INITIAL_PLACEMENT: Placement = { open: false, side: 'right', width: DEFAULT_WIDTH };

/** A width that is allowed and leaves something of the page. */
export function clampWidth(width: number, pageWidth: number): number {
  const most = Math.max(MIN_WIDTH, Math.min(MAX_WIDTH, pageWidth - 80));
  return Math.round(Math.min(most, Math.max(MIN_WIDTH, Number.isFinite(width) ? width : DEFAULT_WIDTH)));
}

/** Width while the edge is dragged to `x`. */
export function widthAt(x: number, side: Side, pageWidth: number): number {
  return clampWidth(side === 'right' ? pageWidth - x : x, pageWidth);
}

/** Width after a key on the edge, or null when the key means nothing there. */
export function widthAfterKey(
  key: string,
  shift: boolean,
  side: Side,
  width: number,
  pageWidth: number,
): number | null {
  const step = shift ? 64 : 16;
  const wider = side === 'right' ? 'ArrowLeft' : 'ArrowRight';
  const narrower = side === 'right' ? 'ArrowRight' : 'ArrowLeft';
  if (key === wider) return clampWidth(width + step, pageWidth);
  if (key === narrower) return clampWidth(width - step, pageWidth);
  if (key === 'Home') return clampWidth(MIN_WIDTH, pageWidth);
  if (key === 'End') return clampWidth(MAX_WIDTH, pageWidth);
  return null;
}
