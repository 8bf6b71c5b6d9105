import { heldOf, type Ledger } from "./ledger.ts";
import type { Shelf } from "./shelf.ts";
import type { UsageDatabase } from "./usage-database.ts";

interface Leftovers {
  readonly database: UsageDatabase;
  readonly ledger: Ledger;
  readonly shelfOf: (bucket: string) => Shelf;
  readonly now: number;
}

/**
 * Settles changes whose processes died, or whose keepers could not be asked, by looking at what is there; resolves with
 * how many. What a dead process sent may still be carried out for a moment: so long its intents are left alone.
 */
export async function settleLeftovers({
  database,
  ledger,
  shelfOf,
  now,
}: Leftovers): Promise<number> {
  await database.inheritFromDead(now);
  const intents = await database.transact((rows) => rows.endedIntents(database.owner, now));
  let settled = 0;
  for (const { endedAt, ...intent } of intents) {
    const shelf = shelfOf(intent.slot.bucket);
    if (endedAt + shelf.lagMs > now) continue;
    const done = await ledger.settle(heldOf(intent), "unknown", shelf);
    if (done !== undefined) settled += 1;
  }
  return settled;
}
