import type { BlobStore } from "./blobs/blob-store.ts";
import type { Clock, Random } from "./clock.ts";
import type { Committer } from "./commit/committer.ts";
import type { Room } from "./disk/room.ts";
import type { Volume } from "./disk/volume.ts";
import type { HashThreads } from "./hashing/hash-threads.ts";
import type { ReopeningStore } from "./index/reopening-store.ts";
import type { CommitLog } from "./log/commit-log.ts";
import type { View } from "./index/view.ts";

/** What the operations are made of. */
export interface EngineParts {
  readonly volume: Volume;
  readonly room: Room;
  readonly store: ReopeningStore;
  /** The store's records, checked. */
  readonly view: View;
  readonly blobs: BlobStore;
  readonly committer: Committer;
  readonly hashThreads: HashThreads;
  readonly log: CommitLog;
  readonly clock: Clock;
  readonly random: Random;
}
