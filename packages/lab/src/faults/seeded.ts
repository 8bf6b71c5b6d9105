import { createHash } from "node:crypto";

/**
 * A number from 0 to below 1 that depends on these words alone: requests that arrive in another order draw the same.
 */
export function seeded(seed: number, ...words: readonly (string | number)[]): number {
  const hash = createHash("sha256").update(JSON.stringify([seed, ...words]));
  return hash.digest().readUInt32BE() / 2 ** 32;
}
