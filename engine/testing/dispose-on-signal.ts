import type { TestEngine } from './engine.ts';

/** Removes the engine and all of it when this process is told to end. @returns a function that takes that back */
export function disposeOnSignal(engine: TestEngine): () => void {
  const stop = (signal: NodeJS.Signals) => {
    console.error(`${signal}: the engine and its sandboxes are removed`);
    void engine.dispose().finally(() => process.exit(130));
  };
  const signals = ['SIGINT', 'SIGTERM'] as const;
  for (const signal of signals) process.once(signal, stop);
  return () => {
    for (const signal of signals) process.removeListener(signal, stop);
  };
}
