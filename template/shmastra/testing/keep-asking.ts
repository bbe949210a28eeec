/** Asks again and again, four at a time, until it is stopped; gives back all answers. */
export function keepAsking<T>(ask: () => Promise<T>): { stop: () => Promise<T[]> } {
  const stopped = new AbortController();
  const answers: T[] = [];
  const askers = Array.from({ length: 4 }, async () => {
    while (!stopped.signal.aborted) answers.push(await ask());
  });
  return {
    stop: async () => {
      stopped.abort();
      await Promise.all(askers);
      return answers;
    },
  };
}
