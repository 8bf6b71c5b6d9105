import { randomSuffix } from "./hidden-names.ts";
import { fateOf, processToken, type Fate } from "./process-token.ts";

/** Where a lock is taken: places in a row, from 0. What happens at one happens in one step. */
export interface LockPlaces {
  /** False if somebody has the place. */
  take(depth: number, token: string): Promise<boolean>;
  ownerOf(depth: number): Promise<string | undefined>;
  /** Never fails. */
  clear(depth: number): Promise<void>;
}

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
 * Tries once to get a lock that holds between processes and ends with the one that has it. The place of a dead process is
 * never cleared while others may look at it; the next one is taken. So a lock is held by whoever
 *
 * - took place 0 and then saw nobody at 1, or
 * - took the place after a row of which the last is dead, and then saw that row still to be as it was.
 *
 * While somebody holds place n, all places up to n are taken: nobody else can take one of them, and n + 1 is taken only by
 * somebody who takes the owner of n for dead. Only a holder clears the places of dead ones, the lowest first, so that
 * whoever takes 0 in between still sees 1; everybody else clears nothing but what is his.
 */
export async function tryLock(
  places: LockPlaces,
  contender: Contender = { token: `${processToken()}-${randomSuffix()}`, fateOf },
): Promise<Claim> {
  const taken: number[] = [];
  const take = async (depth: number): Promise<boolean> => {
    const isTaken = await places.take(depth, contender.token);
    if (isTaken) taken.unshift(depth);
    return isTaken;
  };
  let claim: Claim | undefined;
  try {
    claim = await claimed({ ...places, take }, contender);
    return claim;
  } finally {
    if (claim?.isHeld !== true) for (const depth of taken) await places.clear(depth);
  }
}

async function claimed(places: LockPlaces, contender: Contender): Promise<Claim> {
  const { token } = contender;
  const isFirst = await places.take(0, token);
  const row = await rowOf(places, isFirst ? [token] : []);
  const last = row.at(-1);
  if (isFirst && last === token) return held(places, contender, row);
  const owner = last ?? token;
  if (contender.fateOf(owner) !== "dead") return { isHeld: false, owner };
  const depth = row.length;
  if (await places.take(depth, token)) {
    const now = await rowOf(places, []);
    if (now.length === depth + 1 && row.every((one, at) => one === now[at])) {
      return held(places, contender, now);
    }
  }
  return { isHeld: false, owner };
}

function held(places: LockPlaces, contender: Contender, row: readonly string[]): Claim {
  return {
    isHeld: true,
    release: async () => {
      for (const [depth, owner] of row.entries()) {
        const isOwn = owner === contender.token;
        if (isOwn || contender.fateOf(owner) === "dead") await places.clear(depth);
      }
    },
  };
}

/** The owners of all places, after those that are known, up to the first that nobody has. */
async function rowOf(places: LockPlaces, known: readonly string[]): Promise<readonly string[]> {
  const row = [...known];
  for (;;) {
    const owner = await places.ownerOf(row.length);
    if (owner === undefined) return row;
    row.push(owner);
  }
}
