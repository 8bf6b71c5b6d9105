/** A number from 0 up to 1, the same sequence for the same seed. */
export type Random = () => number;

/** Mulberry32: small, fast, and good enough to choose test cases. */
export function seededRandom(seed: number): Random {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** A whole number from 0 up to, and without, `bound`. */
export function below(random: Random, bound: number): number {
  return Math.floor(random() * bound);
}

/** One of them. */
export function pick<Item>(random: Random, items: readonly Item[]): Item {
  const item = items[below(random, items.length)];
  if (item === undefined) throw new RangeError("nothing to pick from");
  return item;
}

/** The seed that a variable of the environment names, or a fresh one. */
export function seedFrom(variable: string): number {
  const value = process.env[variable];
  return value === undefined ? Math.trunc(Math.random() * 2 ** 32) : Number(value);
}

/** A count that a variable of the environment may raise. */
export function countFrom(variable: string, usual: number): number {
  return Number(process.env[variable] ?? usual);
}
