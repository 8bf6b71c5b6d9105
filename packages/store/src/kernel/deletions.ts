import { isBulkDeleting } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import type { RemoteStoreError } from "../errors/remote-store-error.ts";
import { isAbsence, type CallSpec, type Kernel } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";

/** What one request deletes at most: S3's limit. */
const batchKeysMax = 1000;
const concurrencyDefault = 8;

/** How to delete many files. */
export interface DeleteManyOptions extends CallOptions {
  /** How many requests are under way at once, at least one; 8 by default. */
  readonly concurrency?: number | undefined;
}

/** What became of one of the files that were to be deleted. */
export type DeleteOutcome =
  | { readonly path: string; readonly deleted: true }
  | { readonly path: string; readonly deleted: false; readonly error: RemoteStoreError };

interface Keys extends CallOptions {
  readonly keys: readonly string[];
  readonly concurrency?: number | undefined;
}

/**
 * Deletes files, missing ones included, whatever becomes of the others; resolves with what is still there and why.
 * Once the signal is aborted, nothing more is begun and that is why.
 */
export async function deleteKeys(
  kernel: Kernel,
  { keys, concurrency = concurrencyDefault, signal }: Keys,
): Promise<ReadonlyMap<string, DriverFailure>> {
  const failures = new Map<string, DriverFailure>();
  const { driver } = kernel;
  const fail = (key: string, error: unknown): void => {
    const failure = kernel.failureOf(error, signal);
    if (!isAbsence(failure.kind)) failures.set(key, about(failure, kernel.pathOf(key)));
  };
  const batches = batchesOf([...new Set(keys)], isBulkDeleting(driver) ? batchKeysMax : 1);
  const deleteBatch = async (batch: readonly string[]): Promise<void> => {
    try {
      signal?.throwIfAborted();
      if (isBulkDeleting(driver)) {
        for (const { key, error } of await driver.deleteMany(batch, { signal })) fail(key, error);
      } else for (const key of batch) await driver.delete(key, { signal });
    } catch (error) {
      for (const key of batch) fail(key, error);
    }
  };
  const lane = async (): Promise<void> => {
    for (const batch of batches) await deleteBatch(batch);
  };
  await Promise.all(Array.from({ length: Math.min(concurrency, keys.length) }, lane));
  return failures;
}

/** Deletes the files of many paths; each has its outcome, in the order of the paths. */
export function deleteFiles(
  kernel: Kernel,
  paths: Iterable<string>,
  { concurrency = concurrencyDefault, signal }: DeleteManyOptions,
): Promise<readonly DeleteOutcome[]> {
  const spec: CallSpec = { operation: "deleteMany", capability: "delete", at: "folder", signal };
  return kernel.run(spec, "", async () => {
    if (!Number.isSafeInteger(concurrency) || concurrency < 1) {
      const message = "concurrency is a whole number from 1.";
      throw new DriverFailure({ kind: "invalid-request", message });
    }
    const asked = allOf(paths).map((path) => admitted(kernel, spec, path));
    const keys = asked.flatMap((one) => ("key" in one ? [one.key] : []));
    const failures = await deleteKeys(kernel, { keys, concurrency, signal });
    return asked.map((one): DeleteOutcome => {
      if (!("key" in one)) return one;
      const { path } = one;
      const failure = failures.get(one.key);
      if (failure === undefined) return { path, deleted: true };
      return { path, deleted: false, error: kernel.errorOf(failure, spec, path) };
    });
  });
}

/** The caller's own iterable may fail too, and no backend is to blame for it. */
function allOf(paths: Iterable<string>): readonly string[] {
  try {
    return [...paths];
  } catch (cause) {
    const message = "The source of the paths failed.";
    throw new DriverFailure({ kind: "source-failed", message, cause });
  }
}

/** Where a path leads, or the outcome of one that leads nowhere. */
function admitted(
  kernel: Kernel,
  spec: CallSpec,
  path: string,
): { readonly path: string; readonly key: string } | DeleteOutcome {
  try {
    const [place] = kernel.admit({ operation: spec.operation, at: "file" }, path);
    return place;
  } catch (error) {
    return { path, deleted: false, error: kernel.errorOf(error, spec, path) };
  }
}

function* batchesOf<T>(items: readonly T[], length: number): Generator<readonly T[]> {
  for (let start = 0; start < items.length; start += length) {
    yield items.slice(start, start + length);
  }
}
