import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import {
  abortMultipartUpload,
  completeMultipartUpload,
  createMultipartUpload,
  uploadPart,
  type CompletedPart,
} from "../operations/multipart.ts";
import type { Connection } from "../request/call.ts";
import { partsMax } from "./part-sizes.ts";
import { nextPart, type UploadInput, type UploadOutput } from "./upload.ts";

const concurrencyDefault = 4;
/** How long taking an upload back may last, in milliseconds, once the operation has failed. */
const abortMs = 10_000;

/** The upload of one object in parts: a few on their way at a time, and all of it taken back when one fails. */
export class MultipartTransfer {
  readonly #connection: Connection;
  readonly #input: UploadInput;
  readonly #totalBytes: number | undefined;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #parts: CompletedPart[] = [];
  /** Ends what is on its way: when the caller says so, and when one part has failed. */
  readonly #ending = new AbortController();
  #failure: unknown;
  #transferredBytes = 0;

  constructor(connection: Connection, input: UploadInput, totalBytes: number | undefined) {
    this.#connection = connection;
    this.#input = input;
    this.#totalBytes = totalBytes;
  }

  /** Sends the parts at hand, then the rest. */
  async run(atHand: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): Promise<UploadOutput> {
    const { signal } = this.#input;
    const { uploadId } = await createMultipartUpload(this.#connection, this.#input);
    const abort = (): void => this.#fail(new WireFailure({ code: "Aborted", cause: signal?.reason }));
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.#sendAll(uploadId, atHand, rest);
      return await this.#complete(uploadId);
    } catch (error) {
      this.#fail(error);
      await Promise.allSettled(this.#inFlight);
      await this.#takeBack(uploadId);
      throw this.#failure;
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }
}
