import { DriverFailure } from "../errors/driver-failure.ts";
import { FileStream } from "./file-stream.ts";
import type { CallSpec, Kernel } from "./kernel.ts";
import { fileInfo, type FileInfo } from "./results.ts";

/** What ends a call before its time. */
export interface CallOptions {
  readonly signal?: AbortSignal | undefined;
}

/** What to read. */
export interface ReadOptions extends CallOptions {
  /** The first byte, counted from 0. Past the end there are none, which is no failure. */
  readonly offset?: number | undefined;
  /** How many bytes at most, at least one. */
  readonly length?: number | undefined;
  /** Only if the file still has this etag, else `PreconditionFailed`. */
  readonly ifMatch?: string | undefined;
}

/** Opens a file. */
export function openFile(
  kernel: Kernel,
  operation: string,
  { path, options }: { readonly path: string; readonly options: ReadOptions },
): Promise<FileStream> {
  const { offset, length, ifMatch, signal } = options;
  const spec: CallSpec = { operation, capability: "read", at: "file", signal };
  return kernel.run(spec, path, async (place) => {
    checkCount("offset", offset, 0);
    checkCount("length", length, 1);
    const { stat, body } = await kernel.driver.get(place.key, { offset, length, ifMatch, signal });
    return new FileStream(body, {
      info: fileInfo(place.path, stat),
      signal,
      toError: (error) => kernel.errorOf(error, spec, place.path),
    });
  });
}

/** Reads a file whole and makes something of it; what that fails with is an error of the store's too. */
export async function readWhole<T>(
  kernel: Kernel,
  operation: string,
  file: {
    readonly path: string;
    readonly options: ReadOptions;
    readonly make: (bytes: Uint8Array) => T;
  },
): Promise<T> {
  const stream = await openFile(kernel, operation, file);
  const bytes = await stream.bytes();
  try {
    return file.make(bytes);
  } catch (cause) {
    const message = "The file is not what it was read as.";
    const failure = new DriverFailure({ kind: "invalid-request", message, cause });
    throw kernel.errorOf(failure, { operation, at: "file" }, stream.info.path);
  }
}

/** What is known of a file. */
export function statFile(kernel: Kernel, path: string, options: CallOptions): Promise<FileInfo> {
  const { signal } = options;
  const spec: CallSpec = { operation: "getFileInfo", capability: "metadata", at: "file", signal };
  return kernel.run(spec, path, async (place) => {
    const stat = await kernel.driver.stat(place.key, { signal });
    if (stat.kind === "folder") throw new DriverFailure({ kind: "wrong-type", path: place.path });
    return fileInfo(place.path, stat);
  });
}

/** Fails for what is no count, or one that is too small. */
export function checkCount(name: string, count: number | undefined, least: number): void {
  if (count === undefined || (Number.isSafeInteger(count) && count >= least)) return;
  const message = `${name} is a whole number from ${least}.`;
  throw new DriverFailure({ kind: "invalid-request", message });
}
