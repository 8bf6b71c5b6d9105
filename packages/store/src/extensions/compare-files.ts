import { createHash } from "node:crypto";
import type { FileInfo } from "../kernel/results.ts";
import { sourceFailed } from "./reading.ts";
import type { StoreLike } from "./store-like.ts";

/**
 * When a file at the destination passes for that of the source.
 *
 * - `size-and-time`: as many bytes, and changed later, by `clockSkewMs` at least. Not seen: a change that left the size,
 *   made after the copy by a clock that is behind the destination's by more than that.
 * - `size`: as many bytes. Not seen: every change that left the size.
 * - `etag`: the same etag. Only for two backends that make it of the content in one way; others are always different.
 * - `content`: the same SHA-256, for which both are read whole. Nothing is not seen.
 */
export type Comparison = "content" | "etag" | "size" | "size-and-time";

/** How to compare. */
export interface CompareOptions {
  /** `size-and-time` by default. */
  readonly compare?: Comparison | undefined;
  /**
   * How far the destination's clock may be ahead of the source's, and the coarsest step of either, in milliseconds: 1,000
   * by default.
   */
  readonly clockSkewMs?: number | undefined;
}

/** Whether two files pass for the same by what their listings say; undefined where only their bytes can tell. */
export function looksSame(
  source: FileInfo,
  target: FileInfo,
  { compare = "size-and-time", clockSkewMs = 1000 }: CompareOptions,
): boolean | undefined {
  if (source.size !== target.size) return false;
  switch (compare) {
    case "size":
      return true;
    case "etag":
      return source.etag !== undefined && source.etag === target.etag;
    case "size-and-time":
      return isLater(target.modifiedAt, source.modifiedAt, clockSkewMs);
    case "content":
      return undefined;
  }
}

/** Whether a file has the same bytes in two stores. What fails at the source is `SourceFailed`. */
export async function hasSameBytes(
  path: string,
  { from, to }: { readonly from: StoreLike; readonly to: StoreLike },
  signal: AbortSignal | undefined,
): Promise<boolean> {
  const [source, target] = await Promise.allSettled([
    digestOf(from, path, signal).catch((error: unknown) => {
      throw signal?.aborted === true ? error : sourceFailed(error);
    }),
    digestOf(to, path, signal),
  ]);
  if (source.status === "rejected") throw source.reason;
  if (target.status === "rejected") throw target.reason;
  return source.value === target.value;
}

async function digestOf(
  store: StoreLike,
  path: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  const hash = createHash("sha256");
  for await (const piece of await store.read(path, { signal })) hash.update(piece);
  return hash.digest("hex");
}

function isLater(target: Date | undefined, source: Date | undefined, byMs: number): boolean {
  if (target === undefined || source === undefined) return false;
  return target.getTime() >= source.getTime() + byMs;
}
