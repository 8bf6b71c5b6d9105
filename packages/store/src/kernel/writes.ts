import type { OnceSource } from "@holdfast/client";
import type { Attributes, DriverPutOptions, Written } from "../driver.ts";
import { DriverFailure } from "../errors/driver-failure.ts";
import { attributesOf } from "./attributes.ts";
import type { CallSpec, Kernel, Place } from "./kernel.ts";
import type { CallOptions } from "./reads.ts";
import { writeResult, type WriteResult } from "./results.ts";
import { aborted } from "./until-aborted.ts";
import { Source, streamOf, type Content } from "./source.ts";

/**
 * When to write, without a word only where nothing is; and a content type and metadata, which need `user_metadata`.
 * Names of metadata are kept in lower case; all of it has at most 2,048 bytes.
 */
export interface WriteOptions extends CallOptions, Attributes {
  /**
   * Whether what is there may be replaced; by default it may not, and `AlreadyExists` says so. On a backend without
   * `atomic_create` that is a look before the write: a file that another writes in between is replaced all the same.
   */
  readonly overwrite?: boolean | undefined;
  /** Only over the file that has this etag, else `PreconditionFailed`. Needs `conditional_write`. */
  readonly ifMatch?: string | undefined;
  /**
   * `require`: fail with `CapabilityNotSupported` rather than write where readers may see a part of it, or where
   * `overwrite: false` is a race.
   */
  readonly atomic?: "require" | undefined;
}

/** A write as the store's methods differ in it. */
export interface WriteCall {
  readonly operation: string;
  readonly capability: "atomic_write" | "write";
  readonly path: string;
  readonly options: WriteOptions;
}

/** The guards of a write. */
export function writeSpec({ operation, capability, options }: WriteCall): CallSpec {
  const creates = isCreation(options);
  return { operation, capability, at: "file", writes: true, creates, signal: options.signal };
}

/** Stores a file, whole or not at all. However it ends, the content is let go of. */
export async function writeFile(
  kernel: Kernel,
  call: WriteCall,
  content: Content,
): Promise<WriteResult> {
  const { options, path } = call;
  let source: Source | undefined;
  try {
    return await kernel.run(writeSpec(call), path, async (place) => {
      const stream = streamOrFailure(content);
      source = stream && new Source(stream, options.signal);
      requireConditions(kernel, options);
      const body = source ?? (content instanceof Uint8Array ? content : new Uint8Array());
      const attributes = attributesOf(kernel, options);
      if (isLookedFor(kernel, options)) await kernel.requireNoFile(place, options.signal);
      const written = await put(kernel, { place, body, options, attributes });
      return writeResult(place.path, written);
    });
  } finally {
    (source ?? unread(content))?.end();
  }
}

interface Put {
  readonly place: Place;
  readonly body: Uint8Array | Source;
  readonly options: WriteOptions;
  readonly attributes: Attributes;
}

async function put(kernel: Kernel, { place, body, options, attributes }: Put): Promise<Written> {
  const { signal } = options;
  const { contentType, metadata } = attributes;
  const condition = conditionOf(kernel, options);
  try {
    // Field by field: to spread what most writes do not have costs more than the rest of the call.
    return await kernel.driver.put(place.key, body, { contentType, metadata, condition, signal });
  } catch (error) {
    const failed = body instanceof Source ? body.failure : undefined;
    if (failed === undefined) throw error;
    // Also where the source is a store's stream, whose error would pass for this one's.
    if (signal?.aborted === true) throw aborted(signal);
    const { path } = place;
    throw new DriverFailure({ kind: "source-failed", path, cause: failed.error });
  }
}

function conditionOf({ driver }: Kernel, options: WriteOptions): DriverPutOptions["condition"] {
  if (options.ifMatch !== undefined) return { etag: options.ifMatch };
  const isAbsent = isCreation(options) && driver.capabilities.has("atomic_create");
  return isAbsent ? "absent" : undefined;
}

function isCreation({ overwrite, ifMatch }: WriteOptions): boolean {
  return overwrite !== true && ifMatch === undefined;
}

/** A swap that is a race is no swap, so there is none without the capability. */
function requireConditions(kernel: Kernel, options: WriteOptions): void {
  if (options.ifMatch !== undefined) kernel.require("conditional_write");
  if (options.atomic === undefined) return;
  kernel.require("atomic_write");
  if (isCreation(options)) kernel.require("atomic_create");
}

/** A look before the write is all that `overwrite: false` can be on a backend that does not create atomically. */
function isLookedFor({ driver }: Kernel, options: WriteOptions): boolean {
  return isCreation(options) && !driver.capabilities.has("atomic_create");
}

function streamOrFailure(content: Content): OnceSource | undefined {
  try {
    return streamOf(content);
  } catch (cause) {
    const message = "What is written must be bytes, a Blob or a stream of bytes.";
    throw new DriverFailure({ kind: "invalid-request", message, cause });
  }
}

/** A stream that the guards kept from being read. */
function unread(content: Content): Source | undefined {
  try {
    const stream = streamOf(content);
    return stream && new Source(stream, undefined);
  } catch {
    return undefined;
  }
}
