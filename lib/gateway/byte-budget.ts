/** Bytes that bodies may take up in this process at the same time, all together and of one owner. */
export type ByteBudget = {
  /** False when there is no room left; nothing is taken then. */
  take(owner: string, bytes: number): boolean;
  give(owner: string, bytes: number): void;
  readonly used: number;
};

/** One owner alone cannot use up the room of all. */
export function createByteBudget(total: number, perOwner: number): ByteBudget {
  const owners = new Map<string, number>();
  let used = 0;
  return {
    take: (owner, bytes) => {
      const own = owners.get(owner) ?? 0;
      if (used + bytes > total || own + bytes > perOwner) return false;
      used += bytes;
      owners.set(owner, own + bytes);
      return true;
    },
    give: (owner, bytes) => {
      if (bytes === 0) return;
      used -= bytes;
      const rest = (owners.get(owner) ?? 0) - bytes;
      if (rest > 0) owners.set(owner, rest);
      else owners.delete(owner);
    },
    get used() {
      return used;
    },
  };
}
