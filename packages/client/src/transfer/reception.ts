import { quoteEtag } from "@holdfast/protocol";
import { ExpectedChecksum } from "../bodies/expected-checksum.ts";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { getObject, type GetObjectOutput } from "../operations/get-object.ts";
import type { ObjectDescription, UnconditionalReadInput } from "../operations/read-object.ts";
import { malformed } from "../operations/values.ts";
import type { Connection } from "../request/call.ts";
import type { DownloadInput } from "./download.ts";
import type { PartialFile } from "./partial-file.ts";
import { tellProgress } from "./progress.ts";

/** What is to be received, and where it goes. */
export interface ReceptionOptions {
  readonly head: ObjectDescription;
  readonly partial: PartialFile;
  readonly totalBytes: number;
}

/** An object's bytes on their way into a file that may have some of them. */
export class Reception {
  readonly #connection: Connection;
  readonly #input: DownloadInput;
  readonly #head: ObjectDescription;
  readonly #partial: PartialFile;
  readonly #totalBytes: number;

  constructor(connection: Connection, input: DownloadInput, options: ReceptionOptions) {
    this.#connection = connection;
    this.#input = input;
    this.#head = options.head;
    this.#partial = options.partial;
    this.#totalBytes = options.totalBytes;
  }

  /** Brings all that is missing. Resolves with how many bytes were there before; all of them are verified by then. */
  async run(): Promise<number> {
    const partial = this.#partial;
    // A body that comes in one go is verified as it comes; one that is put together here has to be here.
    let checksum = partial.size === 0 ? undefined : await this.#checksumOfOld();
    let resumedFrom = partial.size;
    if (partial.size < this.#totalBytes) {
      const { httpStatus, contentRange, body } = await this.#get();
      try {
        if (resumedFrom > 0 && httpStatus === 200) {
          // A service that knows no ranges sends the whole.
          await partial.restart();
          checksum = undefined;
          resumedFrom = 0;
        } else if (resumedFrom > 0 && contentRange?.startsWith(`bytes ${resumedFrom}-`) !== true) {
          throw malformed("The service sent another range than was asked for.");
        }
        await this.#append(body, checksum);
      } finally {
        await body.dispose();
      }
    }
    const failure = checksum?.verify();
    if (failure !== undefined) throw failure;
    if (partial.size === this.#totalBytes) return resumedFrom;
    throw malformed("The object has another length than its head said.");
  }

  async #get(): Promise<GetObjectOutput> {
    const { etag, versionId } = this.#head;
    const start = this.#partial.size;
    try {
      return await getObject(this.#connection, {
        ...readInputOf(this.#input),
        versionId,
        ifMatch: quoteEtag(etag),
        range: start === 0 ? undefined : { start, end: this.#totalBytes - 1 },
      });
    } catch (cause) {
      if (!S3Error.is(cause) || cause.statusCode !== 412) throw cause;
      throw new WireFailure({ code: "ModifiedDuringRead", cause });
    }
  }

  async #checksumOfOld(): Promise<ExpectedChecksum | undefined> {
    const checksum = ExpectedChecksum.stated(this.#head.checksum);
    if (checksum === undefined) return undefined;
    for await (const bytes of this.#partial.read()) {
      this.#throwIfAborted();
      checksum.update(bytes);
    }
    return checksum;
  }

  async #append(
    body: GetObjectOutput["body"],
    checksum: ExpectedChecksum | undefined,
  ): Promise<void> {
    const { bucket, key, onProgress } = this.#input;
    const target = { operation: "Download", bucket, key, onProgress } as const;
    const partial = this.#partial;
    const totalBytes = this.#totalBytes;
    for await (const piece of body) {
      checksum?.update(piece);
      await partial.write(piece);
      tellProgress(this.#connection, target, { transferredBytes: partial.size, totalBytes });
    }
  }

  #throwIfAborted(): void {
    const { signal } = this.#input;
    if (signal?.aborted === true) throw new WireFailure({ code: "Aborted", cause: signal.reason });
  }
}

/** What the requests of a download say alike. */
export function readInputOf(input: DownloadInput): UnconditionalReadInput {
  const { bucket, key, versionId, ifMatch, sseCustomerKey, signal } = input;
  const { expectedBucketOwner, requestPayer } = input;
  return {
    bucket,
    key,
    versionId,
    ifMatch,
    sseCustomerKey,
    expectedBucketOwner,
    requestPayer,
    signal,
  };
}
