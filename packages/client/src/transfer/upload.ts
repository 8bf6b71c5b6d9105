import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { putObject, type NewObjectInput, type PutObjectOutput } from "../operations/put-object.ts";
import type { RequestBody } from "../bodies/to-replayable-body.ts";
import type { Connection } from "../request/call.ts";
import { MultipartTransfer } from "./multipart-transfer.ts";
import { partsOf, type Parts } from "./parts-of.ts";
import type { TransferProgress } from "./progress.ts";

/** An object to be stored, of any size. */
export interface UploadInput extends NewObjectInput {
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
export interface UploadOutput {
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
export async function upload(connection: Connection, input: UploadInput): Promise<UploadOutput> {
  let opened: Parts | undefined;
  try {
    input.signal?.throwIfAborted();
    opened = await partsOf(input.body, { length: input.contentLength, partBytes: input.partBytes });
    const first = await nextPart(opened, input.signal);
    const second = first === undefined ? undefined : await nextPart(opened, input.signal);
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
  input: UploadInput,
  body: Uint8Array,
): Promise<UploadOutput> {
  const output: PutObjectOutput = await putObject(connection, { ...input, body, contentLength: undefined });
  const bytes = body.byteLength;
  input.onProgress?.({ transferredBytes: bytes, totalBytes: bytes });
  return { etag: output.etag, versionId: output.versionId, parts: 0, bytes };
}

/** The next part, or the source's failure as such. Does not outwait the signal. */
export function nextPart(
  { parts }: Pick<Parts, "parts">,
  signal: AbortSignal | undefined,
): Promise<Uint8Array | undefined> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(new WireFailure({ code: "Aborted", cause: signal?.reason }));
    if (signal?.aborted === true) {
      abort();
      return;
    }
    signal?.addEventListener("abort", abort, { once: true });
    parts
      .next()
      .then(({ done, value }) => resolve(done === true ? undefined : value))
      .catch((cause: unknown) => reject(new WireFailure({ code: "BodySourceFailed", cause })))
      .finally(() => signal?.removeEventListener("abort", abort));
  });
}

function publicError(error: unknown, { bucket, key, signal }: UploadInput): unknown {
  if (S3Error.is(error)) return error;
  const context = { operation: "Upload", bucket, key };
  const course = { context, history: [], ambiguous: false };
  if (error instanceof WireFailure) return toS3Error(error.fields, course);
  if (signal?.aborted === true && error === signal.reason) {
    return toS3Error({ code: "Aborted", cause: error }, course);
  }
  return error;
}

function ignore(): void {}
