const exit = process.exit.bind(process);

/**
 * Runs the project's top-level code in such a way that it can fail without taking the process along, which goes on
 * serving the version before: `process.exit()` throws, and an exception that nobody catches fails the load when it
 * comes from the file that is being loaded.
 */
export async function guardLoad<T>(file: string, load: () => Promise<T>): Promise<T> {
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) was called while the code was being loaded`);
  };
  const uncaught = Promise.withResolvers<never>();
  const onUncaught = (error: unknown) => {
    if (error instanceof Error && error.stack?.includes(file)) uncaught.reject(error);
    else failProcess(error);
  };
  process.on('uncaughtException', onUncaught);
  try {
    return await Promise.race([load(), uncaught.promise]);
  } finally {
    process.exit = exit;
    process.off('uncaughtException', onUncaught);
  }
}

/** After an exception that nobody caught the state of a process is unknown: the runner starts a fresh one. */
export function failProcess(error: unknown): void {
  console.error('The app stops: an exception that nobody caught.', error);
  exit(1);
}
