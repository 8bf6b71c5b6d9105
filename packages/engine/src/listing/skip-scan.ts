import type { KeyRange } from "../index/keys.ts";
import type { Moment, OrderedStore } from "../index/ordered-store.ts";
import { Stretches } from "./stretches.ts";
import { Walk, type Scanned, type Shown } from "./walk.ts";

/** What to list. */
export interface Scan extends Shown {
  readonly range: KeyRange;
  readonly limit: number;
}

export interface ScanPage {
  readonly found: readonly Scanned[];
  /** Whether there is something behind the last one. */
  readonly more: boolean;
}

/** Several walks are worth their while after so many seeks in a row, when so many are still to be found. */
const seeksAlone = 4;
const missingMin = 16;

/** Reads one page; what a common prefix covers is sought past, so that the cost follows the answer. */
export async function skipScan(store: OrderedStore, scan: Scan): Promise<ScanPage> {
  const { start, end } = scan.range;
  if (scan.limit === 0 || Buffer.compare(start, end) >= 0) return { found: [], more: false };
  const moment = store.moment();
  try {
    const found = await collect(moment, scan);
    return { found: found.slice(0, scan.limit), more: found.length > scan.limit };
  } finally {
    await moment.close();
  }
}

/** The page and one more, if there is more. */
async function collect(moment: Moment, scan: Scan): Promise<readonly Scanned[]> {
  const { start, end } = scan.range;
  const most = scan.limit + 1;
  const cursor = moment.range(start, end);
  const walk = new Walk(cursor, scan);
  try {
    for (let alone = seeksAlone; !walk.ended && walk.found.length < most;) {
      await walk.step(most - walk.found.length);
      const missing = most - walk.found.length;
      if (walk.seeks < alone || walk.from === undefined || missing < missingMin) continue;
      const stretches = new Stretches(moment, scan, { start: walk.from, end });
      if (stretches.several) return [...walk.found, ...(await stretches.collect(missing))];
      alone = Infinity;
    }
    return walk.found;
  } finally {
    await cursor.close();
  }
}
