import type { Pace } from "../disk/pace.ts";
import { tableOf } from "../index/keys.ts";
import type { Cursor, OrderedStore } from "../index/ordered-store.ts";
import { unseal } from "../index/sealed-value.ts";
import { recordName } from "../scrub/record-name.ts";
import type { Tally } from "../scrub/tally.ts";

interface CopyIndex {
  readonly from: Cursor;
  readonly to: OrderedStore;
  readonly pace: Pace;
  readonly tally: Tally;
}

const entriesAtOnce = 256;

/** Copies every record, durably: a damaged one as it is, and garbage not, whose files stay behind. */
export async function copyIndex({ from, to, pace, tally }: CopyIndex): Promise<void> {
  for (;;) {
    const entries = await from.next(entriesAtOnce);
    if (entries.length === 0) break;
    let bytes = 0;
    for (const [key, sealed] of entries) {
      bytes += key.length + sealed.length;
      try {
        unseal(key, sealed);
      } catch {
        tally.add({ kind: "damaged-record", record: recordName(key) });
      }
    }
    await to.apply(
      entries.flatMap(([key, value]) => (tableOf(key) === "garbage" ? [] : [{ key, value }])),
    );
    tally.records += entries.length;
    tally.bytes += bytes;
    await pace.spend(bytes);
  }
  await to.flush();
}
