import { isRenaming } from "../driver.ts";
import { about } from "../errors/about.ts";
import { DriverFailure, type FailureKind } from "../errors/driver-failure.ts";
import { isInTheWay, type CallSpec, type Kernel, type Place } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";
import { writeResult, type WriteResult } from "./results.ts";

/** Whether what is at the target may be replaced; by default it may not. */
export interface CopyOptions extends CallOptions {
  readonly overwrite?: boolean | undefined;
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
  const { overwrite = false, signal } = route.options;
  const spec: CallSpec = { operation: "copy", capability: "copy", at: "file", signal };
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      const stat = await kernel.driver.stat(source.key, { signal });
      if (stat.kind === "file") return writeResult(target.path, stat);
      throw new DriverFailure({ kind: "wrong-type" });
    }
    const written = await kernel.driver.copy(source.key, target.key, { overwrite, signal });
    return writeResult(target.path, written);
  });
}

/**
 * Moves a file within the backend: by renaming it where the backend can, else by a copy and a deletion. If the deletion
 * fails, both are there and the error says so.
 */
export function moveFile(kernel: Kernel, route: Route): Promise<void> {
  const { overwrite = false, signal } = route.options;
  const spec: CallSpec = { operation: "move", capability: "move", at: "file", signal };
  const { driver } = kernel;
  return between(kernel, { spec, route }, async ({ source, target }) => {
    if (source.key === target.key) {
      const stat = await driver.stat(source.key, { signal });
      if (stat.kind === "folder") throw new DriverFailure({ kind: "wrong-type" });
    } else if (isRenaming(driver)) {
      await driver.rename(source.key, target.key, { overwrite, signal });
    } else {
      await driver.copy(source.key, target.key, { overwrite, signal });
      await driver.delete(source.key, { signal }).catch((error: unknown) => {
        const { kind, retryable, retryAfter } = kernel.failureOf(error, signal);
        const message = "The copy was made, but its source could not be deleted.";
        const { path } = source;
        throw new DriverFailure({ kind, message, retryable, retryAfter, path, cause: error });
      });
    }
  });
}

function between<T>(
  kernel: Kernel,
  { spec, route }: { readonly spec: CallSpec; readonly route: Route },
  work: (ends: Ends) => Promise<T>,
): Promise<T> {
  return kernel.run(spec, route.from, async () => {
    const [source, target = source] = kernel.admit(spec, route.from, route.to);
    try {
      return await work({ source, target });
    } catch (error) {
      throw await blamed(kernel, error, { source, target, signal: spec.signal });
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
  { source, target, signal }: Ends & { readonly signal: AbortSignal | undefined },
): Promise<unknown> {
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
    return about(failure, target.path, await kindAtTarget(kernel, failure.kind, target));
  } catch {
    return error;
  }
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
