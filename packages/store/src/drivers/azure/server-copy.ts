import { randomUUID } from "node:crypto";
import type {
  BlobGetPropertiesResponse,
  BlobRequestConditions,
  BlockBlobClient,
  BlockBlobCommitBlockListOptions,
  HttpAuthorization,
} from "@azure/storage-blob";
import type { Written } from "../../driver.ts";
import { DriverFailure } from "../../errors/driver-failure.ts";
import { blockId, blocksMax } from "./block-upload.ts";
import { commitBlocks } from "./commit-blocks.ts";
import { etagOf } from "./etag.ts";
import type { Requests } from "./requests.ts";

/** How Azure may read the source itself. */
export interface SourceAccess {
  /** With a SAS token where one is needed. */
  readonly url: string;
  readonly authorization?: HttpAuthorization | undefined;
}

/** A copy within the account. */
export interface ServerCopy {
  readonly requests: Requests;
  readonly from: BlockBlobClient;
  readonly to: BlockBlobClient;
  readonly conditions: BlobRequestConditions;
  /** The etag that the source must have. */
  readonly ifMatch: string | undefined;
  /** Made anew for each request, so that none expires. */
  readonly access: () => Promise<SourceAccess>;
  readonly signal: AbortSignal | undefined;
}

/** What Azure copies in one request. */
const wholeBytesMax = 256 * 2 ** 20;
/** So that a block is copied well within the time of one request. */
const blockBytesMin = 64 * 2 ** 20;

/**
 * Copies a blob without its bytes coming here. Azure's own copying of large blobs shows the target while it lasts, so those
 * are copied by blocks, which nobody sees before they are committed. Ended early, nothing was copied.
 */
export async function copyBlob(copy: ServerCopy): Promise<Written> {
  const { requests, from, ifMatch, signal } = copy;
  const source = await requests.ask({
    signal,
    send: (abortSignal) => from.getProperties({ conditions: matching(ifMatch), abortSignal }),
  });
  const size = source.contentLength ?? 0;
  return size <= wholeBytesMax ? copyWhole(copy, size) : copyByBlocks(copy, source, size);
}

async function copyWhole(copy: ServerCopy, size: number): Promise<Written> {
  const { requests, to, conditions, ifMatch, signal } = copy;
  const { url, authorization } = await copy.access();
  const copied = await requests.ask({
    changes: true,
    signal,
    send: (abortSignal) =>
      to.syncCopyFromURL(url, {
        conditions,
        sourceConditions: matching(ifMatch),
        ...(authorization && { sourceAuthorization: authorization }),
        abortSignal,
      }),
  });
  return { size, etag: etagOf(copied.etag), modifiedAt: copied.lastModified };
}

async function copyByBlocks(
  copy: ServerCopy,
  source: BlobGetPropertiesResponse,
  size: number,
): Promise<Written> {
  const { requests, from, to, conditions, signal } = copy;
  const uploadId = randomUUID();
  const ids: string[] = [];
  const blockBytes = Math.max(blockBytesMin, Math.ceil(size / blocksMax));
  for (let at = 0; at < size; at += blockBytes) {
    const id = blockId(uploadId, ids.length);
    ids.push(id);
    const { url, authorization } = await copy.access();
    await requests.ask({
      signal,
      send: (abortSignal) =>
        to.stageBlockFromURL(id, url, at, Math.min(blockBytes, size - at), {
          ...(authorization && { sourceAuthorization: authorization }),
          abortSignal,
        }),
    });
  }
  // Blocks are not read on a condition: if the etag is still the one, all of them were of one blob.
  const now = await requests.ask({
    signal,
    send: (abortSignal) => from.getProperties({ abortSignal }),
  });
  refuseIfReplaced(now.etag, source.etag);
  const attributes = attributesOf(source);
  const stored = await commitBlocks({ requests, blob: to, ids, conditions, attributes, signal });
  return { size, etag: etagOf(stored.etag), modifiedAt: stored.lastModified };
}

function refuseIfReplaced(etag: string | undefined, expected: string | undefined): void {
  if (etag !== undefined && etag === expected) return;
  const message = "The source was replaced while it was copied. Nothing was stored.";
  throw new DriverFailure({ kind: "modified", message, retryable: true });
}

function matching(etag: string | undefined): { ifMatch?: string } {
  return etag === undefined ? {} : { ifMatch: etag };
}

/** All that a copy in one request takes along by itself. */
function attributesOf(source: BlobGetPropertiesResponse): BlockBlobCommitBlockListOptions {
  const { contentType, contentEncoding, contentLanguage, contentDisposition, cacheControl } =
    source;
  return {
    ...(source.metadata && { metadata: source.metadata }),
    blobHTTPHeaders: {
      ...(contentType !== undefined && { blobContentType: contentType }),
      ...(contentEncoding !== undefined && { blobContentEncoding: contentEncoding }),
      ...(contentLanguage !== undefined && { blobContentLanguage: contentLanguage }),
      ...(contentDisposition !== undefined && { blobContentDisposition: contentDisposition }),
      ...(cacheControl !== undefined && { blobCacheControl: cacheControl }),
    },
  };
}
