import type { Volume } from "../disk/volume.ts";
import { diskError } from "../disk/disk-error.ts";
import type { ReopeningStore } from "../index/reopening-store.ts";
import { storeView } from "../index/view.ts";
import type { CommitLog } from "../log/commit-log.ts";
import type { Applier } from "./applier.ts";
import { Transaction } from "./transaction.ts";

/** Reads what it decides on and writes what follows from it; throws to refuse, and then wrote nothing. */
export type Decide<T> = (transaction: Transaction) => T | Promise<T>;

/** What the committer works on. */
export interface CommitterParts {
  readonly volume: Volume;
  readonly store: ReopeningStore;
  readonly log: CommitLog;
  /** Makes the directory entries of these blobs durable. */
  readonly syncBlobs: (blobs: readonly number[]) => Promise<void>;
  /** Told after a commit which blobs no record names any more. */
  readonly onFreed: (blobs: readonly number[]) => void;
  readonly applier: Applier;
  /** Runs between commits when the log has outgrown `logBytesMax`. */
  readonly checkpoint: () => Promise<void>;
  readonly logBytesMax: number;
}

type Settle = (failure?: unknown) => void;

interface Job {
  /** Decides on top of the commit so far; what it returns is called when the commit is over. */
  readonly run: (commit: Transaction) => Promise<Settle> | Settle;
  readonly reject: (error: unknown) => void;
}

const jobsAtOnce = 1024;
const commitBytes = 8 * 1024 * 1024;

/**
 * Takes all writes that wait, decides them one after another, each seeing the ones before it, and
 * makes them durable with one sync. A write is answered only once it is durable and visible; the
 * index has it a little later.
 */
export class Committer {
  readonly #parts: CommitterParts;
  #queue: Job[] = [];
  #interludes: (() => Promise<void>)[] = [];
  #running: Promise<void> | undefined;

  constructor(parts: CommitterParts) {
    this.#parts = parts;
  }

  commit<T>(decide: Decide<T>): Promise<T> {
    return new Promise<T>((resolve, reject) => {
      this.#queue.push({ run: (commit) => decided(commit, { decide, resolve, reject }), reject });
      this.#wake();
    });
  }

  /** Runs `work` while no commit is under way, and none begins before it has ended. */
  between(work: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#interludes.push(() => work().then(resolve, reject));
      this.#wake();
    });
  }

  /** Resolves when nothing waits any more. */
  async idle(): Promise<void> {
    while (this.#running !== undefined) await this.#running;
  }

  #wake(): void {
    this.#running ??= this.#drain().finally(() => {
      this.#running = undefined;
      if (this.#waits) this.#wake();
    });
  }

  async #drain(): Promise<void> {
    // Lets every write that is ready in this turn of the event loop share the commit.
    await Promise.resolve();
    while (this.#waits) {
      await this.#interludes.shift()?.();
      if (this.#queue.length > 0) await this.#commitBatch();
    }
  }

  get #waits(): boolean {
    return this.#queue.length > 0 || this.#interludes.length > 0;
  }

  async #commitBatch(): Promise<void> {
    const { volume, store, log, applier } = this.#parts;
    await applier.admit();
    const commit = new Transaction(storeView(store), log.nextSequence);
    const settle: Settle[] = [];
    const jobs = this.#queue.splice(0, jobsAtOnce);
    while (jobs.length > 0 && commit.bytes < commitBytes) {
      const job = jobs.shift();
      const settled = job?.run(commit);
      if (settled !== undefined) settle.push(settled instanceof Promise ? await settled : settled);
    }
    this.#queue.unshift(...jobs);
    try {
      volume.assertWritable();
      if (!commit.empty) await this.#makeDurable(commit);
    } catch (error) {
      const failure = diskError(error);
      for (const settled of settle) settled(failure);
      return;
    }
    this.#parts.onFreed(commit.freed);
    for (const settled of settle) settled();
    // What the index refused is in the log alone until the index was opened anew.
    if (!volume.writable || log.size <= this.#parts.logBytesMax) return;
    // A checkpoint that failed is tried again with the next commit, unless it ended writing.
    await this.#parts.checkpoint().catch(() => undefined);
  }

  async #makeDurable(commit: Transaction): Promise<void> {
    const { store, log, syncBlobs, applier } = this.#parts;
    await syncBlobs(commit.adopted);
    const appended = log.append(commit.changes);
    // While the disk syncs this commit, the index takes those before it.
    applier.begin();
    await appended;
    store.hold(commit);
    applier.beginSoon();
  }
}

interface Decision<T> {
  readonly decide: Decide<T>;
  readonly resolve: (value: T) => void;
  readonly reject: (error: unknown) => void;
}

// A refusal waits for the commit too: what it was decided on may be an earlier write of the same one.
function decided<T>(commit: Transaction, decision: Decision<T>): Promise<Settle> | Settle {
  const transaction = commit.nested();
  const refused = (error: unknown): Settle => {
    return (failure) => decision.reject(failure ?? error);
  };
  const granted = (value: T): Settle => {
    commit.absorb(transaction);
    return (failure) =>
      failure === undefined ? decision.resolve(value) : decision.reject(failure);
  };
  try {
    const outcome = decision.decide(transaction);
    // Most decide at once, and a promise for each is what a commit of many small writes can do without.
    return outcome instanceof Promise ? outcome.then(granted, refused) : granted(outcome);
  } catch (error) {
    return refused(error);
  }
}
