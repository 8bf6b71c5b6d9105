import { isRenaming, type FileStat } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure, type FailureKind } from "../errors/driver-failure.ts";
import { isInTheWay, type CallSpec, type Kernel, type Place } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";
import { writeResult, type WriteResult } from "./results.ts";

/** Whether what is at the target may be replaced, by default it may not; and by what. */
export interface CopyOptions extends CallOptions {
  readonly overwrite?: boolean | undefined;
  /** Only if the source has this etag, else `PreconditionFailed`. Needs `conditional_copy`. */
  readonly ifMatch?: string | undefined;
}

/** From where to where. */
export interface Route {
  readonly from: string;
  readonly to: string;
  readonly options: CopyOptions;
}

interface Ends {
  readonly source: Place;
  readonly target: Place;
}

/** Copies a file within the backend. Onto itself it changes nothing. */
export function copyFile(kernel: Kernel, route: Route): Promise<WriteResult> {
  const { overwrite = false, ifMatch, signal } = route.options;
  const spec: CallSpec = { operation: "copy", capability: "copy", at: "file", signal };
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      return writeResult(target.path, await ontoItself(kernel, source, route.options));
    }
    const options = { overwrite, ifMatch, signal };
    const written = await kernel.driver.copy(source.key, target.key, options);
    return writeResult(target.path, written);
  });
}

/**
 * Moves a file within the backend: by renaming it where the backend can, else by a copy and a deletion. If the deletion
 * fails, both are there and the error says so.
 */
export function moveFile(kernel: Kernel, route: Route): Promise<void> {
  const { overwrite = false, ifMatch, signal } = route.options;
  const spec: CallSpec = { operation: "move", capability: "move", at: "file", signal };
  const { driver } = kernel;
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      await ontoItself(kernel, source, route.options);
    } else if (isRenaming(driver)) {
      await driver.rename(source.key, target.key, { overwrite, ifMatch, signal });
    } else {
      await driver.copy(source.key, target.key, { overwrite, ifMatch, signal });
      const condition = driver.capabilities.has("conditional_delete") ? { ifMatch } : {};
      await driver.delete(source.key, { ...condition, signal }).catch((error: unknown) => {
        const failure = kernel.failureOf(error, signal);
        const message = "The copy was made, but its source could not be deleted.";
        throw new DriverFailure({ ...failure, message, path: source.path, cause: error });
      });
    }
  });
}

/** What a file is that is copied or moved to where it is. */
async function ontoItself(
  kernel: Kernel,
  { key }: Place,
  { ifMatch, signal }: CopyOptions,
): Promise<FileStat> {
  const stat = await kernel.driver.stat(key, { signal });
  if (stat.kind === "folder") throw new DriverFailure({ kind: "wrong-type" });
  if (ifMatch === undefined || ifMatch === stat.etag) return stat;
  throw new DriverFailure({ kind: "precondition-failed" });
}

function between<T>(
  kernel: Kernel,
  { spec, route }: { readonly spec: CallSpec; readonly route: Route },
  work: (ends: Ends) => Promise<T>,
): Promise<T> {
  return kernel.run(spec, route.from, async () => {
    const [source, target = source] = kernel.admit(spec, route.from, route.to);
    if (route.options.ifMatch !== undefined) kernel.require("conditional_copy");
    try {
      return await work({ source, target });
    } catch (error) {
      throw await blamed(kernel, error, { source, target, options: route.options });
    }
  });
}

/**
 * The failure, of the end that it is about. A missing source and one of the wrong type outrank whatever is wrong with
 * the target, so the source is looked at before the target is blamed.
 */
async function blamed(
  kernel: Kernel,
  error: unknown,
  { source, target, options }: Ends & { readonly options: CopyOptions },
): Promise<unknown> {
  const { signal } = options;
  const failure = kernel.failureOf(error, signal);
  if (failure.path !== undefined || !isOfAPath(failure.kind)) return error;
  try {
    const kind = await kernel.kindOf(source, signal);
    if (failure.kind === "invalid-path") {
      return kind === "file" ? about(failure, target.path) : error;
    }
    if (kind === undefined) return about(failure, source.path, "not-found");
    if (kind === "folder") return about(failure, source.path, "wrong-type");
    if (source.key === target.key || failure.kind === "not-found") return error;
    if (failure.kind === "precondition-failed" && (await isReplaced(kernel, source, options))) {
      return about(failure, source.path);
    }
    return about(failure, target.path, await kindAtTarget(kernel, failure.kind, target));
  } catch {
    return error;
  }
}

/** Whether the source is what a condition failed of, where the target may have been it too. */
async function isReplaced(
  kernel: Kernel,
  { key }: Place,
  { ifMatch, overwrite, signal }: CopyOptions,
): Promise<boolean> {
  if (ifMatch === undefined || overwrite === true) return ifMatch !== undefined;
  const stat = await kernel.driver.stat(key, { signal });
  return stat.kind === "file" && stat.etag !== ifMatch;
}

async function kindAtTarget(
  kernel: Kernel,
  kind: FailureKind,
  target: Place,
): Promise<FailureKind> {
  if (!isInTheWay(kind)) return "wrong-type";
  if (kernel.driver.namespace === "flat") return "already-exists";
  return (await kernel.kindOf(target, undefined)) === "folder" ? "wrong-type" : "already-exists";
}

function isOfAPath(kind: FailureKind): boolean {
  const kinds: readonly FailureKind[] = [
    "invalid-path",
    "not-empty",
    "not-found",
    "under-file",
    "wrong-type",
  ];
  return isInTheWay(kind) || kinds.includes(kind);
}
