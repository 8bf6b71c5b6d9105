import { isRenaming, type FileStat } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure, type Failure, type FailureKind } from "../errors/driver-failure.ts";
import { isInTheWay, type CallSpec, type Kernel, type Place } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";
import { writeResult, type WriteResult } from "./results.ts";

/** Whether what is at the target may be replaced, and by what. */
export interface CopyOptions extends CallOptions {
  /**
   * By default it may not, and `AlreadyExists` says so. On a backend without `atomic_create` that is a look before the
   * copy: a file that another writes in between is replaced all the same.
   */
  readonly overwrite?: boolean | undefined;
  /** Only if the source has this etag, else `PreconditionFailed`. Needs `conditional_copy`. */
  readonly ifMatch?: string | undefined;
  /**
   * `require`: fail with `CapabilityNotSupported` rather than in more than one step. A copy needs `atomic_write` for it,
   * and without `overwrite` `atomic_create`; a move needs `atomic_move`, and without `overwrite` `atomic_move_create`.
   */
  readonly atomic?: "require" | undefined;
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
  const { ifMatch, signal } = route.options;
  const spec: CallSpec = { operation: "copy", capability: "copy", at: "file", signal };
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      return writeResult(target.path, await ontoItself(kernel, source, route.options));
    }
    const options = { overwrite: overwrites(kernel, route.options), ifMatch, signal };
    const written = await kernel.driver.copy(source.key, target.key, options);
    return writeResult(target.path, written);
  });
}

/**
 * Moves a file within the backend: by renaming it where the backend can, else by a copy and a deletion. If the deletion
 * fails, both are there and the error says so; with `conditional_delete` that is so too if the source was replaced
 * meanwhile.
 */
export function moveFile(kernel: Kernel, route: Route): Promise<void> {
  const { ifMatch, signal } = route.options;
  const spec: CallSpec = { operation: "move", capability: "move", at: "file", signal };
  const { driver } = kernel;
  const options = { overwrite: overwrites(kernel, route.options), ifMatch, signal };
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      await ontoItself(kernel, source, route.options);
    } else if (isRenaming(driver)) {
      await driver.rename(source.key, target.key, options);
    } else {
      const etag = await etagToDelete(kernel, source, route.options);
      await driver.copy(source.key, target.key, options);
      await driver.delete(source.key, { ifMatch: etag, signal }).catch((error: unknown) => {
        const failure = kernel.failureOf(error, signal);
        const message = "The copy was made, but its source could not be deleted.";
        // Without `overwrite` a second move finds the copy in its way.
        const retryable = route.options.overwrite === true ? failure.retryable : false;
        const { path } = source;
        throw new DriverFailure({ ...failure, message, retryable, path, cause: error });
      });
    }
  });
}

/** Of the source before it is copied, so that nothing is deleted that another wrote after the copy. */
async function etagToDelete(
  { driver }: Kernel,
  { key }: Place,
  { ifMatch, signal }: CopyOptions,
): Promise<string | undefined> {
  if (!driver.capabilities.has("conditional_delete")) return undefined;
  if (ifMatch !== undefined) return ifMatch;
  const stat = await driver.stat(key, { signal });
  return stat.kind === "file" ? stat.etag : undefined;
}

function requireConditions(
  kernel: Kernel,
  { capability }: CallSpec,
  { atomic, ifMatch, overwrite }: CopyOptions,
): void {
  if (ifMatch !== undefined) kernel.require("conditional_copy");
  if (atomic === undefined) return;
  const isMove = capability === "move";
  kernel.require(isMove ? "atomic_move" : "atomic_write");
  if (overwrite !== true) kernel.require(isMove ? "atomic_move_create" : "atomic_create");
}

/** All that `overwrite: false` can be on a backend that does not create atomically. */
async function refuseWhatIsThere(
  kernel: Kernel,
  { source, target }: Ends,
  { overwrite, signal }: CopyOptions,
): Promise<void> {
  if (overwrite === true || kernel.driver.capabilities.has("atomic_create")) return;
  if (source.key === target.key) return;
  // A source that is missing or a folder outranks whatever is at the target.
  const stat = await kernel.driver.stat(source.key, { signal });
  if (stat.kind === "folder") throw new DriverFailure({ kind: "wrong-type" });
  await kernel.requireNoFile(target, signal);
}

/** Whether a driver is told to overwrite: it cannot be told not to where that takes a race. */
function overwrites({ driver }: Kernel, { overwrite = false }: CopyOptions): boolean {
  return overwrite || !driver.capabilities.has("atomic_create");
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
  return kernel.run({ ...spec, to: route.to }, route.from, async () => {
    const [source, target = source] = kernel.admit(spec, route.from, route.to);
    requireConditions(kernel, spec, route.options);
    try {
      await refuseWhatIsThere(kernel, { source, target }, route.options);
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
    if (await isReplaced(kernel, { source, failure, options })) {
      return about(failure, source.path, "precondition-failed");
    }
    return about(failure, target.path, await kindAtTarget(kernel, failure.kind, target));
  } catch {
    return error;
  }
}

interface FailedRoute {
  readonly source: Place;
  readonly failure: Failure;
  readonly options: CopyOptions;
}

/** Whether the source is not the one that was named, which outranks the target too. */
async function isReplaced(
  { driver }: Kernel,
  { source, failure, options: { ifMatch, overwrite, signal } }: FailedRoute,
): Promise<boolean> {
  if (ifMatch === undefined) return false;
  if (overwrite === true && failure.kind === "precondition-failed") return true;
  const stat = await driver.stat(source.key, { signal });
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
