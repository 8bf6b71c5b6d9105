import type { KeyRange } from "./keys.ts";
import type { Entry, OrderedStore } from "./ordered-store.ts";
import { unseal } from "./sealed-value.ts";

/** Records as they stand, each checked against its seal when it is read. */
export interface View {
  get(key: Buffer): Buffer | undefined;
  range(range: KeyRange): AsyncIterable<Entry>;
}

const entriesAtOnce = 256;

/** What the store holds now. */
export function storeView(store: OrderedStore): View {
  return {
    get(key) {
      const sealed = store.get(key);
      return sealed === undefined ? undefined : unseal(key, sealed);
    },
    async *range({ start, end }) {
      const cursor = store.range(start, end);
      try {
        for (;;) {
          const entries = await cursor.next(entriesAtOnce);
          if (entries.length === 0) return;
          for (const [key, sealed] of entries) yield [key, unseal(key, sealed)];
        }
      } finally {
        await cursor.close();
      }
    },
  };
}
