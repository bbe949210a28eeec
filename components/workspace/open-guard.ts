const WINDOW_MILLISECONDS = 20_000;
const MAX_OPENS = 3;

/**
 * Whether Studio may be opened by itself once more. When Studio sends people back here again and again the two pages
 * disagree about the state, and going in circles helps nobody: then a link is shown instead.
 * @param earlier when Studio was opened by itself, milliseconds since 1970
 */
export function mayOpen(earlier: readonly number[], now: number): { allowed: boolean; opens: number[] } {
  const recent = earlier.filter((at) => at <= now && now - at < WINDOW_MILLISECONDS);
  if (recent.length >= MAX_OPENS) return { allowed: false, opens: recent };
  return { allowed: true, opens: [...recent, now] };
}

/** What an earlier visit of this tab has left; anything else counts as nothing. */
export function readOpens(text: string | null): number[] {
  try {
    const value: unknown = JSON.parse(text ?? '[]');
    return Array.isArray(value) ? value.filter((at): at is number => typeof at === 'number').slice(-MAX_OPENS) : [];
  } catch {
    return [];
  }
}
