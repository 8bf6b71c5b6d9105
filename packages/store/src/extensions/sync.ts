import type { RemoteStoreError } from "../errors/remote-store-error.ts";
import { toStoreError } from "../errors/to-store-error.ts";
import { pathPattern } from "../glob.ts";
import type { FileInfo } from "../kernel/results.ts";
import { batch, type BatchOptions, type BatchOutcome } from "./batch.ts";
import { hasSameBytes, looksSame, type CompareOptions } from "./compare-files.ts";
import { innerFiles } from "./inner-files.ts";
import { inOrder, mergedListings, type MergedFile } from "./merged-listings.ts";
import { sourceFailed } from "./reading.ts";
import type { StoreLike } from "./store-like.ts";
import { sourceFiles } from "./transfer-all.ts";
import { Transfers, type TransferOptions } from "./transfer.ts";

/** What to make equal, and how. */
export interface SyncOptions
  extends BatchOptions, CompareOptions, Omit<TransferOptions, "ifMatch" | "overwrite"> {
  /** Whether files go that the source does not have. Nothing is deleted unless it is asked for. */
  readonly delete?: boolean | undefined;
  /** Whether everything may be deleted for a source without files. By default it fails as `NotFound`. */
  readonly allowEmptySource?: boolean | undefined;
  /** Whether only to say what would be done. */
  readonly dryRun?: boolean | undefined;
  /** Only files whose paths match one of these, as `glob` has it; others are left alone at both ends. */
  readonly include?: readonly string[] | undefined;
  /** Not files whose paths match one of these. */
  readonly exclude?: readonly string[] | undefined;
}

/** A difference, and what it takes to end it. */
export interface SyncAction {
  readonly action: "copy" | "delete";
  readonly path: string;
  /** The destination's file is `missing`, `different`, or `extra`. */
  readonly reason: "different" | "extra" | "missing";
  /** Of the file that is copied or deleted, in bytes. */
  readonly size: number;
}

/** What became of a difference. */
export type SyncOutcome =
  | (SyncAction & {
      readonly ok: true;
      /** False in a dry run. */
      readonly done: boolean;
    })
  | (SyncAction & { readonly ok: false; readonly error: RemoteStoreError });

/**
 * Makes the files of one store, which may be a child, those of another: deletions first, if asked for, then copies, each
 * in the order of their paths, with an outcome for each difference. Files that pass for the same are not told of. Needs
 * the same memory for any number of files. What was not done, another run does.
 *
 * Of two folders of one driver of which one is in the other, the inner one is no part of the outer one: it is neither
 * copied into itself nor deleted from around.
 *
 * Nothing is deleted unless the source was listed to its end once, and then only what the source, asked for that file,
 * says that it does not have. A source whose listing fails is thrown as `SourceFailed`.
 */
export async function* sync(
  from: StoreLike,
  to: StoreLike,
  options: SyncOptions = {},
): AsyncGenerator<SyncOutcome, void, undefined> {
  const run = new SyncRun(from, to, options);
  let hasFailed = false;
  for (const phase of options.delete === true ? [run.deletions(), run.copies()] : [run.copies()]) {
    if (hasFailed && options.stopOnError === true) return;
    for await (const outcome of phase) {
      hasFailed ||= !outcome.ok;
      yield outcome;
    }
  }
}

interface Difference extends SyncAction {
  readonly target?: FileInfo | undefined;
  /** Whether only the bytes can tell if it is one. */
  readonly isDoubtful: boolean;
}

class SyncRun {
  readonly #from: StoreLike;
  readonly #to: StoreLike;
  readonly #options: SyncOptions;
  readonly #transfers: Transfers;
  readonly #isWanted: (path: string) => boolean;

  constructor(from: StoreLike, to: StoreLike, options: SyncOptions) {
    this.#from = from;
    this.#to = to;
    this.#options = options;
    this.#transfers = new Transfers(options);
    const include = options.include?.map(pathPattern);
    const exclude = options.exclude?.map(pathPattern);
    this.#isWanted = (path) =>
      (include === undefined || include.some((glob) => glob.matches(path))) &&
      exclude?.some((glob) => glob.matches(path)) !== true;
  }

  async *deletions(): AsyncGenerator<SyncOutcome> {
    await this.#requireSource();
    const isConditional = this.#to.supports("conditional_delete");
    yield* this.#carriedOut(this.#extras(), async ({ path, target }, signal) => {
      if (await this.#sourceHas(path, signal)) return false;
      if (this.#options.dryRun === true) return true;
      const ifMatch = isConditional ? target?.etag : undefined;
      await this.#to.delete(path, { missingOk: true, ifMatch, signal });
      return true;
    });
  }

  async *copies(): AsyncGenerator<SyncOutcome> {
    yield* this.#carriedOut(this.#changes(), async (difference, signal) => {
      const { path } = difference;
      const ends = { from: this.#from, to: this.#to };
      if (difference.isDoubtful && (await hasSameBytes(path, ends, signal))) return false;
      if (this.#options.dryRun === true) return true;
      const own = { ...this.#conditionOn(difference), signal };
      await this.#transfers.carry({ store: ends.from, path }, { store: ends.to, path }, own);
      return true;
    });
  }

  /** Does what a difference takes, and tells of those that turn out to be some. */
  async *#carriedOut(
    differences: AsyncIterable<Difference>,
    carryOut: (difference: Difference, signal: AbortSignal) => Promise<boolean>,
  ): AsyncGenerator<SyncOutcome> {
    const done = this.#options.dryRun !== true;
    const outcomes = batch(this.#to, this.#options).each(differences, carryOut);
    for await (const outcome of outcomes) {
      if (outcome.ok && !outcome.value) continue;
      yield { ...actionOf(outcome), ...(outcome.ok ? { ok: true, done } : failureOf(outcome)) };
    }
  }

  async *#extras(): AsyncGenerator<Difference> {
    for await (const { path, source, target } of this.#merged()) {
      if (source !== undefined || target === undefined) continue;
      const { size } = target;
      yield { action: "delete", path, reason: "extra", size, target, isDoubtful: false };
    }
  }

  async *#changes(): AsyncGenerator<Difference> {
    for await (const { path, source, target } of this.#merged()) {
      if (source === undefined) continue;
      const isSame = target !== undefined && looksSame(source, target, this.#options);
      if (isSame === true) continue;
      const reason = target === undefined ? "missing" : "different";
      const isDoubtful = isSame === undefined;
      yield { action: "copy", path, reason, size: source.size, target, isDoubtful };
    }
  }

  #merged(): AsyncGenerator<MergedFile> {
    return mergedListings(this.#sources(), this.#targets());
  }

  #sources(): AsyncGenerator<FileInfo, void, undefined> {
    const ends = { from: this.#from, to: this.#to };
    return this.#only(sourceFiles(ends, this.#options.signal));
  }

  async *#targets(): AsyncGenerator<FileInfo, void, undefined> {
    const isOfSource = innerFiles(this.#to, this.#from);
    const { signal } = this.#options;
    for await (const file of this.#only(this.#to.listFiles("", { recursive: true, signal }))) {
      if (!isOfSource(file.path)) yield file;
    }
  }

  async *#only(files: AsyncIterable<FileInfo>): AsyncGenerator<FileInfo, void, undefined> {
    for await (const file of files) if (this.#isWanted(file.path)) yield file;
  }

  /** Lists the source to its end, before anything is deleted because it is not there. */
  async #requireSource(): Promise<void> {
    let isEmpty = true;
    for await (const file of inOrder(this.#sources())) isEmpty &&= file.kind !== "file";
    if (!isEmpty || this.#options.allowEmptySource === true) return;
    const message = "The source has no files, so nothing is deleted.";
    const { backend } = this.#from.resolve("");
    throw toStoreError({ kind: "not-found", message }, { operation: "sync", backend, path: "" });
  }

  async #sourceHas(path: string, signal: AbortSignal): Promise<boolean> {
    try {
      return await this.#from.isFile(path, { signal });
    } catch (error) {
      throw signal.aborted ? error : sourceFailed(error);
    }
  }

  /** What is written over is what was listed, as far as the destination can see to that. */
  #conditionOn({ target }: Difference): TransferOptions {
    if (target === undefined) return {};
    const isKept = target.etag !== undefined && this.#to.supports("conditional_write");
    return isKept ? { ifMatch: target.etag } : { overwrite: true };
  }
}

function actionOf({ item }: BatchOutcome<Difference, boolean>): SyncAction {
  const { action, path, reason, size } = item;
  return { action, path, reason, size };
}

function failureOf({ error }: { readonly error: RemoteStoreError }): {
  readonly ok: false;
  readonly error: RemoteStoreError;
} {
  return { ok: false, error };
}
