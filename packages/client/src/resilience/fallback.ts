import { S3Error } from "../errors/s3-error.ts";
import { IteratedBody } from "../bodies/iterated-body.ts";
import type { RangeInput } from "../operations/object-parts.ts";
import type { CallOptions } from "../request/call.ts";
import type { DiskCache } from "./disk-cache.ts";
import { FallbackError, type SourceFailure } from "./fallback-error.ts";
import { firstSource, type FallbackOptions } from "./first-source.ts";
import { summaryOf, type ReadableObject } from "./object-summary.ts";

/** What can be read from any source, and kept: an object as it is, without conditions or keys of the caller. */
export interface FallbackInput extends CallOptions {
  readonly bucket: string;
  readonly key: string;
  readonly versionId?: string | undefined;
  readonly range?: RangeInput | undefined;
}

/** Whatever objects can be read from: the client, or a function of one's own. */
export interface ObjectSource {
  getObject(input: FallbackInput): Promise<ReadableObject>;
}

/** An object, and where it is from. */
export interface FallbackObject extends ReadableObject {
  /** The name of the source that answered, or `cache`. */
  readonly source: string;
  /** Since it was read from a source, in milliseconds: 0 unless it is from the cache. */
  readonly ageMs: number;
  /** What the sources before it failed with. */
  readonly failures: readonly SourceFailure[];
}

/** Sources in their order, and what keeps objects for the time when none of them answers. */
export interface ObjectFallbackOptions extends FallbackOptions<ObjectSource> {
  readonly cache?: DiskCache | undefined;
}

/**
 * Reads objects from the first source that can answer, and from the cache when none can. A source that says no, as with
 * 403 and 404, has answered. Rejects with that source's error, or with a `FallbackError` that has all.
 */
export function withFallback(options: ObjectFallbackOptions): {
  getObject(input: FallbackInput): Promise<FallbackObject>;
} {
  const { cache } = options;
  return {
    async getObject(input) {
      try {
        const { value, source, failures } = await firstSource(options, (each) =>
          each.getObject(input),
        );
        const object = cache === undefined ? value : kept(value, cache, nameOf(input));
        return { ...object, source, ageMs: 0, failures };
      } catch (error) {
        if (isRefusal(error)) await cache?.forget(nameOf(input));
        const found = await fromCache(error, cache, input);
        if (found === undefined) throw error;
        return found;
      }
    },
  };
}

/** Whether the first source said that there is no such object, or none for this caller: then nor is it in the cache. */
function isRefusal(error: unknown): boolean {
  if (!S3Error.is(error) || error instanceof FallbackError) return false;
  return error.category === "not-found" || error.category === "forbidden";
}

/** What the cache has, if no source answered, not even with a no. */
async function fromCache(
  error: unknown,
  cache: DiskCache | undefined,
  input: FallbackInput,
): Promise<FallbackObject | undefined> {
  if (!(error instanceof FallbackError) || !error.isOutage) return undefined;
  const hit = await cache?.find(nameOf(input));
  if (hit === undefined) return undefined;
  return { ...hit.object, source: "cache", ageMs: hit.ageMs, failures: error.failures };
}

/** The object with a body that is kept as it is read; one that is given up or breaks off is not. */
function kept(object: ReadableObject, cache: DiskCache, name: string): ReadableObject {
  const { body, contentLength = 0 } = object;
  if (contentLength > cache.entryBytesMax) return object;
  async function* pieces(): AsyncGenerator<Uint8Array, void, undefined> {
    const write = await cache.keep(name);
    try {
      for await (const piece of body) {
        await write.write(piece);
        yield piece;
      }
      await write.commit(summaryOf(object));
    } finally {
      await write.discard();
    }
  }
  return { ...object, body: new IteratedBody(pieces(), () => body.dispose()) };
}

function nameOf({ bucket, key, versionId, range }: FallbackInput): string {
  return JSON.stringify([bucket, key, versionId ?? null, range ?? null]);
}
