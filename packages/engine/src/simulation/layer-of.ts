import type { Change } from "../index/ordered-store.ts";
import type { Layer } from "../index/unapplied.ts";

/** A commit of these changes. */
export function layerOf(changes: readonly Change[]): Layer {
  return {
    byName: new Map(changes.map((change) => [change.key.toString("latin1"), change])),
    bytes: changes.reduce((sum, { key, value }) => sum + key.length + (value?.length ?? 0), 0),
  };
}
