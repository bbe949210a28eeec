import type { ProjectControl } from '../../runner/project-control.ts';

const LEASE_SECONDS = 60;
const RENEW_MS = 20_000;

/** Holds the project, so that only what is applied goes live, until the function that it returns is called. */
export function holdProject(control: Pick<ProjectControl, 'hold' | 'release'>): () => void {
  control.hold(LEASE_SECONDS);
  const timer = setInterval(() => control.hold(LEASE_SECONDS), RENEW_MS);
  timer.unref();
  let held = true;
  return () => {
    clearInterval(timer);
    if (held) control.release();
    held = false;
  };
}
