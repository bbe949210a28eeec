/** Runs tasks one after another, in the order in which they were asked for. */
export class Mutex {
  #tail: Promise<unknown> = Promise.resolve();
  #tasks = 0;

  /** Whether a task runs or waits. */
  get busy(): boolean {
    return this.#tasks > 0;
  }

  run<T>(task: () => Promise<T>): Promise<T> {
    this.#tasks += 1;
    const result = this.#tail.then(task).finally(() => {
      this.#tasks -= 1;
    });
    this.#tail = result.catch(() => {});
    return result;
  }
}
