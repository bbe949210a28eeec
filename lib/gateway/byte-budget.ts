/** Bytes that bodies may take up in this process at the same time. */
export type ByteBudget = {
  /** False when there is no room left; nothing is taken then. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  readonly used: number;
};

export function createByteBudget(total: number): ByteBudget {
  let used = 0;
  return {
    take: (bytes) => {
      if (used + bytes > total) return false;
      used += bytes;
      return true;
    },
    give: (bytes) => {
      used -= bytes;
    },
    get used() {
      return used;
    },
  };
}
