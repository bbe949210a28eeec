const exit = process.exit.bind(process);

type Guard = {
  /** The bundle that is being loaded. */
  file: string;
  /** A promise that is rejected and not handled fails the load too, when it comes from the file. */
  strict?: boolean;
  onCrash: (error: unknown) => void;
};

/**
 * Runs the project's top-level code in such a way that it can fail without taking the process along, which goes on
 * serving the version before: `process.exit()` throws, and an exception that nobody catches fails the load when it
 * comes from the file that is being loaded.
 */
export async function guardLoad<T>({ file, strict = false, onCrash }: Guard, load: () => Promise<T>): Promise<T> {
  process.exit = (code) => {
    throw new Error(`process.exit(${code ?? ''}) was called while the code was being loaded`);
  };
  const uncaught = Promise.withResolvers<never>();
  uncaught.promise.catch(() => {});
  const comesFromFile = (error: unknown) => error instanceof Error && error.stack?.includes(file) === true;
  const onUncaught = (error: unknown) => {
    if (comesFromFile(error)) uncaught.reject(error);
    else onCrash(error);
  };
  const onRejection = (reason: unknown) => {
    if (strict && comesFromFile(reason)) uncaught.reject(reason);
  };
  process.on('uncaughtException', onUncaught);
  process.on('unhandledRejection', onRejection);
  try {
    return await Promise.race([load(), uncaught.promise]);
  } finally {
    process.exit = exit;
    process.off('uncaughtException', onUncaught);
    process.off('unhandledRejection', onRejection);
  }
}
