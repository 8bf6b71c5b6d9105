import { wholeNumber } from "../bodies/whole-number.ts";
import { asS3Error } from "../errors/as-s3-error.ts";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { copyObject, type CopyObjectInput } from "../operations/copy-object.ts";
import { headObject } from "../operations/head-object.ts";
import type { NewObjectInput } from "../operations/put-object.ts";
import type { ObjectDescription } from "../operations/read-object.ts";
import { getObjectTagging } from "../operations/tagging.ts";
import { uploadPartCopy } from "../operations/upload-part.ts";
import { malformed } from "../operations/values.ts";
import type { Connection } from "../request/call.ts";
import {
  MultipartTransfer,
  type MultipartInput,
  type MultipartOutput,
} from "./multipart-transfer.ts";
import { partSizes } from "./part-sizes.ts";
import { tellStored } from "./progress.ts";

/** What CopyObject copies at most, in bytes. */
const copyBytesMax = 5 * 2 ** 30;
/** A part costs the service its bytes, and this client nothing but a request. */
const partBytesDefault = 2 ** 28;

/** An object to be made of another within the service, of any size. */
export interface ManagedCopyInput extends CopyObjectInput, MultipartInput {
  readonly ifNoneMatch?: "*" | undefined;
  /** Copies in parts of that many bytes what has more; only what has over 5 GiB by default, in parts of 256 MiB. */
  readonly partBytes?: number | undefined;
}

/** What was stored. */
export type ManagedCopyOutput = MultipartOutput;

/**
 * Makes an object of another within the service, of any size: by one request up to 5 GiB, in parts above. All or
 * nothing, as `upload`; a source that is replaced meanwhile is `ModifiedDuringRead`. In parts too the copy has the
 * metadata, content headers and tags of its source, unless directives say `REPLACE`.
 */
export async function copy(
  connection: Connection,
  input: ManagedCopyInput,
): Promise<ManagedCopyOutput> {
  try {
    const source = await describeSource(connection, input);
    const { contentLength: totalBytes } = source;
    if (totalBytes === undefined)
      throw malformed("The answer does not say how long the source is.");
    const wholeBytesMax = wholeNumber("partBytes", input.partBytes ?? copyBytesMax, 1);
    return totalBytes > wholeBytesMax
      ? await copyInParts(connection, input, { source, totalBytes })
      : await copyWhole(connection, input, totalBytes);
  } catch (error) {
    const { bucket, key } = input;
    throw asS3Error(error, { operation: "Copy", bucket, key });
  }
}

function describeSource(
  connection: Connection,
  input: ManagedCopyInput,
): Promise<ObjectDescription> {
  return headObject(connection, {
    ...input.copySource,
    ifMatch: input.copySourceIfMatch,
    ifUnmodifiedSince: input.copySourceIfUnmodifiedSince,
    sseCustomerKey: input.copySourceSseCustomerKey,
    expectedBucketOwner: input.expectedSourceBucketOwner,
    requestPayer: input.requestPayer,
    signal: input.signal,
  });
}

async function copyWhole(
  connection: Connection,
  input: ManagedCopyInput,
  bytes: number,
): Promise<ManagedCopyOutput> {
  const { bucket, key, onProgress } = input;
  const { etag, versionId } = await copyObject(connection, input);
  tellStored(connection, { operation: "Copy", bucket, key, onProgress }, bytes);
  return { etag, versionId, parts: 0, bytes };
}

interface Range {
  readonly start: number;
  /** The last byte is part of it. */
  readonly end: number;
}

interface CopySource {
  readonly source: ObjectDescription;
  readonly totalBytes: number;
}

async function copyInParts(
  connection: Connection,
  input: ManagedCopyInput,
  { source, totalBytes }: CopySource,
): Promise<ManagedCopyOutput> {
  const size = partSizes(totalBytes, input.partBytes ?? partBytesDefault)(1);
  const { copySourceSseCustomerKey, expectedSourceBucketOwner } = input;
  const copySource = { ...input.copySource, versionId: source.versionId };
  const object = { ...input, ...(await carriedOver(connection, input, source)) };
  const transfer = new MultipartTransfer<Range>(connection, object, {
    operation: "Copy",
    totalBytes,
    parts: ranges(totalBytes, size),
    bytesOf: ({ start, end }) => end - start + 1,
    send: (copySourceRange, target) =>
      uploadPartCopy(connection, {
        ...target,
        copySource,
        copySourceRange,
        copySourceIfMatch: source.etag,
        copySourceSseCustomerKey,
        expectedSourceBucketOwner,
      }).catch(asModified),
  });
  return transfer.run();
}

/** The only condition of a part's copy is that its source is still the same. */
function asModified(cause: unknown): never {
  if (!S3Error.is(cause) || cause.statusCode !== 412) throw cause;
  throw new WireFailure({ code: "ModifiedDuringRead", cause });
}

/** What CopyObject would have taken from the source. */
async function carriedOver(
  connection: Connection,
  input: ManagedCopyInput,
  source: ObjectDescription,
): Promise<Partial<NewObjectInput>> {
  const tagging =
    input.taggingDirective === "REPLACE" ? input.tagging : await tagsOf(connection, input, source);
  if (input.metadataDirective === "REPLACE") return { tagging };
  return {
    tagging,
    metadata: source.metadata,
    cacheControl: source.cacheControl,
    contentDisposition: source.contentDisposition,
    contentEncoding: source.contentEncoding,
    contentLanguage: source.contentLanguage,
    contentType: source.contentType,
    expires: source.expires,
  };
}

/** The source's tags. A HEAD may not count them, so they are asked for; a service without tags has none to lose. */
async function tagsOf(
  connection: Connection,
  input: ManagedCopyInput,
  { versionId }: ObjectDescription,
): Promise<Readonly<Record<string, string>> | undefined> {
  try {
    const { tagging } = await getObjectTagging(connection, {
      ...input.copySource,
      versionId,
      expectedBucketOwner: input.expectedSourceBucketOwner,
      signal: input.signal,
    });
    return Object.keys(tagging).length === 0 ? undefined : tagging;
  } catch (error) {
    if (S3Error.is(error) && error.category === "unsupported") return undefined;
    throw error;
  }
}

async function* ranges(totalBytes: number, size: number): AsyncGenerator<Range> {
  for (let start = 0; start < totalBytes; start += size) {
    yield { start, end: Math.min(start + size, totalBytes) - 1 };
  }
}
