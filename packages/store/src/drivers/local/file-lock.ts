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
 * never cleared while others may look at it; the next one is taken. So a lock is held by whoever has the last place of the
 * row, after places that are all his or of the dead.
 *
 * While somebody holds place n, all places up to n are taken, by him or by the dead: nobody else can take one of them, and
 * whoever takes n + 1 sees him alive. Only a holder clears the places of the dead, the lowest first, so that whoever
 * takes 0 in between still sees 1; everybody else clears nothing but what is his. That is why the row is read again once
 * its owners are known to be dead: before they died they may have cleared it themselves.
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
  let isHeld = false;
  try {
    const outcome = await compete({ ...places, take }, contender);
    if (!("row" in outcome)) return { isHeld, owner: outcome.owner };
    isHeld = true;
    const { row } = outcome;
    const release = async (): Promise<void> => {
      for (const depth of row.keys()) await places.clear(depth);
      for (const depth of taken) if (depth >= row.length) await places.clear(depth);
    };
    return { isHeld, release };
  } finally {
    if (!isHeld) for (const depth of taken) await places.clear(depth);
  }
}

/** The row that is the contender's, or somebody whose it is. */
async function compete(
  places: LockPlaces,
  { token, fateOf: fate }: Contender,
): Promise<{ readonly row: readonly string[] } | { readonly owner: string }> {
  const known = (await places.take(0, token)) ? [token] : [];
  let seen: readonly string[] | undefined;
  for (;;) {
    const row = await rowOf(places, known);
    const rival = row.find((owner) => owner !== token && fate(owner) !== "dead");
    if (rival !== undefined) return { owner: rival };
    if (row.at(-1) !== token) {
      // Whoever is quicker, it is his.
      if (!(await places.take(row.length, token))) return { owner: row.at(-1) ?? token };
    } else if (row.every((owner) => owner === token) || isSame(row, seen)) {
      return { row };
    }
    seen = row;
  }
}

function isSame(row: readonly string[], other: readonly string[] | undefined): boolean {
  return row.length === other?.length && row.every((owner, depth) => owner === other[depth]);
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
