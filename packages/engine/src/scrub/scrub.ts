import { pace } from "../disk/pace.ts";
import type { EngineParts } from "../engine-parts.ts";
import { s3Error } from "@holdfast/protocol";
import { tellBadBlobs } from "./blob-owners.ts";
import { checkBlobs } from "./check-blobs.ts";
import { checkRecords } from "./check-records.ts";
import type { ScrubReport } from "./finding.ts";
import { recordName } from "./record-name.ts";
import { Tally } from "./tally.ts";

export interface ScrubOptions {
  /** Read from the disk at most so fast; as fast as it gives when absent. */
  readonly bytesPerSecond?: number;
  /** Only the files of the index, in which rot does the most harm in the fewest bytes. */
  readonly indexOnly?: boolean;
  /** Leaves damaged blobs where they are. */
  readonly changeNothing?: boolean;
  readonly signal?: AbortSignal;
}

/**
 * Reads all that the engine keeps and verifies it, while reads and writes go on. A damaged blob is
 * moved aside, so that its objects answer an error and their bytes stay for whoever can mend them; a
 * damaged index ends writing, before more is built on it, and what it leads to is not looked at.
 */
export async function scrub(parts: EngineParts, options: ScrubOptions): Promise<ScrubReport> {
  const tally = new Tally();
  const speed = pace(options);
  for (const { from, to, ...where } of await parts.store.check(speed)) {
    tally.add({ kind: "damaged-index", ...where, from: recordName(from), to: recordName(to) });
  }
  if (tally.damaged > 0) {
    const cause = s3Error("InternalError", undefined, { reason: "corrupt_index" });
    if (options.changeNothing !== true) parts.volume.fail("index_damaged", cause);
    return tally.report();
  }
  if (options.indexOnly === true) return tally.report();
  await checkRecords({ parts, pace: speed, tally });
  const quarantine = options.changeNothing !== true;
  const bad = await checkBlobs({ parts, pace: speed, tally, quarantine });
  await tellBadBlobs(parts, bad, tally);
  return tally.report();
}
