import { toS3Error } from "../errors/to-s3-error.ts";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  type CompletedPart,
} from "../operations/multipart-upload.ts";
import { uploadPart } from "../operations/upload-part.ts";
import type { Connection } from "../request/call.ts";
import { nextPart } from "./next-part.ts";
import { partsMax } from "./part-sizes.ts";
import { tellProgress } from "./progress.ts";
import type { ManagedUploadInput, ManagedUploadOutput } from "./upload.ts";

const concurrencyDefault = 4;
/** How long taking an upload back may last, in milliseconds, once the operation has failed. */
const takeBackMs = 10_000;

/** The upload of one object in parts: a few on their way at a time, and all of it taken back when one fails. */
export class MultipartTransfer {
  readonly #connection: Connection;
  readonly #input: ManagedUploadInput;
  readonly #totalBytes: number | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #done: CompletedPart[] = [];
  /** Ends what is on its way: when the caller says so, and when something has failed. */
  readonly #ending = new AbortController();
  #uploadId = "";
  #failure: { readonly error: unknown } | undefined;
  #transferredBytes = 0;

  constructor(connection: Connection, input: ManagedUploadInput, totalBytes: number | undefined) {
    this.#connection = connection;
    this.#input = input;
    this.#totalBytes = totalBytes;
  }

  /** Sends the parts at hand, then the rest. */
  async run(
    atHand: readonly Uint8Array[],
    rest: AsyncIterator<Uint8Array>,
  ): Promise<ManagedUploadOutput> {
    const { signal } = this.#input;
    const { uploadId } = await createMultipartUpload(this.#connection, this.#input);
    this.#uploadId = uploadId;
    const abort = (): void => {
      this.#fail(new WireFailure({ code: "Aborted", cause: signal?.reason }));
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.#sendAll(atHand, rest);
      return await this.#complete();
    } catch (error) {
      this.#fail(error);
      await Promise.allSettled(this.#inFlight);
      throw await this.#takeBack(this.#failure?.error);
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #sendAll(atHand: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): Promise<void> {
    const { signal } = this.#ending;
    let partNumber = 0;
    const next = (): Uint8Array | Promise<Uint8Array | undefined> =>
      atHand[partNumber] ?? nextPart(rest, signal);
    for (let part = await next(); part !== undefined; part = await next()) {
      this.#throwFailure();
      partNumber += 1;
      if (partNumber > partsMax) throw tooManyParts();
      this.#start(part, partNumber);
      if (this.#inFlight.size >= (this.#input.concurrency ?? concurrencyDefault)) {
        await Promise.race(this.#inFlight);
        this.#throwFailure();
      }
    }
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  #start(body: Uint8Array, partNumber: number): void {
    const sent = this.#send(body, partNumber)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }

  async #send(body: Uint8Array, partNumber: number): Promise<void> {
    const { bucket, key, sseCustomerKey, onProgress } = this.#input;
    const { etag, checksum } = await uploadPart(this.#connection, {
      bucket,
      key,
      uploadId: this.#uploadId,
      partNumber,
      body,
      sseCustomerKey,
      signal: this.#ending.signal,
    });
    this.#done.push({ partNumber, etag, checksum });
    this.#transferredBytes += body.byteLength;
    tellProgress(
      this.#connection,
      { operation: "Upload", bucket, key, onProgress },
      { transferredBytes: this.#transferredBytes, totalBytes: this.#totalBytes },
    );
  }

  async #complete(): Promise<ManagedUploadOutput> {
    const { bucket, key, ifMatch, ifNoneMatch, sseCustomerKey } = this.#input;
    const parts = this.#done.toSorted((a, b) => a.partNumber - b.partNumber);
    const { etag, versionId } = await completeMultipartUpload(this.#connection, {
      bucket,
      key,
      uploadId: this.#uploadId,
      // The service holds the parts' checksums; only what it was begun with may be stated again.
      parts: parts.map((part) => ({ partNumber: part.partNumber, etag: part.etag })),
      ifMatch,
      ifNoneMatch,
      sseCustomerKey,
      signal: this.#ending.signal,
    });
    return { etag, versionId, parts: parts.length, bytes: this.#transferredBytes };
  }

  /** Ends the upload at the service. Where that fails too, the error says which upload is left. */
  async #takeBack(error: unknown): Promise<unknown> {
    const { bucket, key } = this.#input;
    const uploadId = this.#uploadId;
    const signal = AbortSignal.timeout(takeBackMs);
    try {
      await abortMultipartUpload(this.#connection, { bucket, key, uploadId, signal });
      return error;
    } catch (left) {
      // Gone already: completed although its answer was lost, or removed by somebody else.
      if (S3Error.is(left) && left.category === "not-found") return error;
      return this.#leftOpen(error, left);
    }
  }

  #leftOpen(error: unknown, left: unknown): unknown {
    const why = S3Error.is(left) ? left.errorCode : "unknown";
    const details = { UploadId: this.#uploadId, AbortMultipartUpload: why };
    if (error instanceof WireFailure) return new WireFailure({ ...error.fields, details });
    if (!S3Error.is(error)) return error;
    const { operation, bucket, key, region, endpoint, history, ambiguous } = error;
    const { errorCode: code, statusCode: status, requestId, hostId, phase, message, cause } = error;
    return toS3Error(
      { code, status, requestId, hostId, phase, message, details, cause },
      { context: { operation, bucket, key, region, endpoint }, history, ambiguous },
    );
  }

  #fail(error: unknown): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#ending.abort(error);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

function tooManyParts(): WireFailure {
  return new WireFailure({
    code: "EntityTooLarge",
    message: `The object has more than ${partsMax} parts: give contentLength, or larger partBytes.`,
  });
}
