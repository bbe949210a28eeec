/** Elapsed time as people read it: "8 s", "1 min 20 s", "1 h 5 min". Never negative. */
export function formatDuration(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 === 0 ? `${minutes} min` : `${minutes} min ${seconds % 60} s`;
  return minutes % 60 === 0 ? `${minutes / 60} h` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** Short steps with a tenth: "0.3 s", "1.2 s"; from ten seconds on like any other duration. */
export function formatStepDuration(milliseconds: number): string {
  const tenths = Math.max(0, Math.round(milliseconds / 100));
  return tenths < 100 ? `${(tenths / 10).toFixed(1)} s` : formatDuration(tenths * 100);
}
