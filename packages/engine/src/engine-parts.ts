import type { BlobStore } from "./blobs/blob-store.ts";
import type { Clock, Random } from "./clock.ts";
import type { Committer } from "./commit/committer.ts";
import type { Volume } from "./disk/volume.ts";
import type { HashThreads } from "./hashing/hash-threads.ts";
import type { OrderedStore } from "./index/ordered-store.ts";
import type { View } from "./index/view.ts";

/** What the operations are made of. */
export interface EngineParts {
  readonly volume: Volume;
  readonly store: OrderedStore;
  /** The store's records, checked. */
  readonly view: View;
  readonly blobs: BlobStore;
  readonly committer: Committer;
  readonly hashThreads: HashThreads;
  readonly clock: Clock;
  readonly random: Random;
}
