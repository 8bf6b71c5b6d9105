import { readlink, symlink, unlink } from "node:fs/promises";
import { errnoOf } from "./errno.ts";
import { lockName, randomSuffix } from "./hidden-names.ts";
import { fateOf, processToken, type Fate } from "./process-token.ts";

/** Who takes part in a lock, and how it knows of the others. */
export interface Contender {
  /** Of this one attempt. */
  readonly token: string;
  readonly fateOf: (token: string) => Fate;
}

/** A lock that is held, or whose it is. */
export type Claim =
  | { readonly isHeld: true; readonly release: () => Promise<void> }
  | { readonly isHeld: false; readonly owner: string };

/**
 * Tries once to get a lock that holds between processes and ends with the one that has it. A lock is a symbolic link
 * that leads to its owner's token: it comes to be with the name of its owner, in one step, and once. That of a dead
 * process is never taken away while others may look at it; the next depth is made beside it. So a lock is held by whoever
 *
 * - made depth 0 and then saw no depth 1, or
 * - made the depth after a chain of which the last is dead, and then saw that chain still to be as it was.
 *
 * While one holds depth n, all depths up to n are there: nobody else can make one of them, and n + 1 is made only by
 * somebody who takes n for dead. Only a holder takes dead ones away, the lowest first, so that whoever makes depth 0 in
 * between still sees depth 1; everybody else takes away nothing but what is his.
 */
export async function tryLock(
  base: string,
  contender: Contender = { token: `${processToken()}-${randomSuffix()}`, fateOf },
): Promise<Claim> {
  const { token } = contender;
  const isFirst = await make(base, 0, token);
  const chain = await chainOf(base);
  const top = chain.at(-1);
  if (isFirst && top === token) return held(base, contender, chain);
  const owner = top ?? token;
  if (contender.fateOf(owner) === "dead") {
    const depth = chain.length;
    if (await make(base, depth, token)) {
      const now = await chainOf(base);
      if (now.length === depth + 1 && chain.every((one, at) => one === now[at])) {
        return held(base, contender, now);
      }
      await takeAway(base, depth);
    }
  }
  if (isFirst) await takeAway(base, 0);
  return { isHeld: false, owner };
}

function held(base: string, contender: Contender, chain: readonly string[]): Claim {
  return {
    isHeld: true,
    release: async () => {
      for (const [depth, owner] of chain.entries()) {
        const isOwn = owner === contender.token;
        if (isOwn || contender.fateOf(owner) === "dead") await takeAway(base, depth);
      }
    },
  };
}

/** What cannot be taken away ends with its process. */
async function takeAway(base: string, depth: number): Promise<void> {
  try {
    await unlink(lockName(base, depth));
  } catch {
    // Somebody deleted the folder with all that was in it.
  }
}

async function make(base: string, depth: number, token: string): Promise<boolean> {
  try {
    await symlink(token, lockName(base, depth));
    return true;
  } catch (error) {
    if (errnoOf(error) === "EEXIST") return false;
    throw error;
  }
}

/** The owners of all depths, up to the first that is not there. */
async function chainOf(base: string): Promise<readonly string[]> {
  const chain: string[] = [];
  for (;;) {
    try {
      chain.push(await readlink(lockName(base, chain.length)));
    } catch (error) {
      if (errnoOf(error) === "ENOENT") return chain;
      throw error;
    }
  }
}
