import { asS3Error } from "../errors/as-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { putObject, type NewObjectInput } from "../operations/put-object.ts";
import type { RequestBody } from "../bodies/to-replayable-body.ts";
import type { Connection } from "../request/call.ts";
import { MultipartTransfer } from "./multipart-transfer.ts";
import { nextPart } from "./next-part.ts";
import { partsOf, type Parts } from "./parts-of.ts";
import { tellProgress, type TransferProgress } from "./progress.ts";

/** An object to be stored, of any size. */
export interface ManagedUploadInput extends NewObjectInput {
  readonly body: RequestBody;
  /** In bytes, for a source that does not know its own: parts of one size are then large enough. */
  readonly contentLength?: number | undefined;
  /** Of each part but the last: 8 MiB by default, and never under 5 MiB. */
  readonly partBytes?: number | undefined;
  /** Parts on their way at once: 4 by default. Memory is one more part than that. */
  readonly concurrency?: number | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  /** Told after each part. What it throws ends the upload. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What was stored. */
export interface ManagedUploadOutput {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
  /** How many parts it took; 0 for an object that was stored by one request. */
  readonly parts: number;
  readonly bytes: number;
}

/**
 * Stores an object of any size: by one request where it fits into a part, in parts otherwise. All or nothing: when the
 * source fails, the signal aborts or the service refuses, no object is made and no upload is left. Rejects with
 * `S3SourceError` when the source fails; its own error is the cause.
 */
export async function upload(
  connection: Connection,
  input: ManagedUploadInput,
): Promise<ManagedUploadOutput> {
  let opened: Parts | undefined;
  try {
    input.signal?.throwIfAborted();
    opened = await partsOf(input.body, { length: input.contentLength, partBytes: input.partBytes });
    const first = await nextPart(opened.parts, input.signal);
    const second = first && (await nextPart(opened.parts, input.signal));
    if (first === undefined || second === undefined) {
      return await uploadWhole(connection, input, first ?? new Uint8Array());
    }
    const transfer = new MultipartTransfer(connection, input, opened.totalBytes);
    return await transfer.run([first, second], opened.parts);
  } catch (error) {
    // Not awaited: a source that hangs would hang the caller with it.
    void opened?.parts.return?.().catch(ignore);
    throw publicError(error, input);
  }
}

async function uploadWhole(
  connection: Connection,
  input: ManagedUploadInput,
  body: Uint8Array,
): Promise<ManagedUploadOutput> {
  const output = await putObject(connection, { ...input, body, contentLength: undefined });
  const bytes = body.byteLength;
  const progress = { transferredBytes: bytes, totalBytes: bytes };
  tellProgress(connection, { ...input, operation: "Upload" }, progress);
  return { etag: output.etag, versionId: output.versionId, parts: 0, bytes };
}

function publicError(error: unknown, { bucket, key, signal }: ManagedUploadInput): unknown {
  const isReason = signal?.aborted === true && error === signal.reason;
  const failure = isReason ? new WireFailure({ code: "Aborted", cause: error }) : error;
  return asS3Error(failure, { operation: "Upload", bucket, key });
}

function ignore(): void {}
