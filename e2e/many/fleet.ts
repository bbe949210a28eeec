import type { Workspace } from './workspace.ts';

/** Many workspaces, of which only so many run at once: the one that ran longest is paused for the next. */
export class Fleet {
  readonly all: Workspace[] = [];
  /** Most that have run at once, those being made included. */
  mostRunning = 0;
  readonly #limit: number;
  readonly #running: Workspace[] = [];
  #starting = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  get paused(): Workspace[] {
    return this.all.filter((workspace) => !this.#running.includes(workspace));
  }

  /** Runs `start`, with room for one more to run. */
  async run(start: () => Promise<Workspace>): Promise<Workspace> {
    this.#starting += 1;
    try {
      while (this.#running.length + this.#starting > this.#limit) {
        const longest = this.#running.shift();
        if (longest === undefined) break;
        await longest.sandbox.pause();
      }
      this.mostRunning = Math.max(this.mostRunning, this.#running.length + this.#starting);
      const workspace = await start();
      if (!this.all.includes(workspace)) this.all.push(workspace);
      this.#running.push(workspace);
      return workspace;
    } finally {
      this.#starting -= 1;
    }
  }
}
