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
    const checksum = partial.size === 0 ? undefined : await this.#checksumOfOld();
    const body = partial.size < this.#totalBytes ? await this.#open() : undefined;
    const resumedFrom = partial.size;
    const ofBoth = resumedFrom === 0 ? undefined : checksum;
    if (body !== undefined) await this.#append(body, ofBoth);
    const failure = ofBoth?.verify();
    if (failure !== undefined) throw failure;
    if (partial.size === this.#totalBytes) return resumedFrom;
    throw malformed("The object has another length than its head said.");
  }

  /** What is missing, which is all of it where the service knows no ranges. */
  async #open(): Promise<GetObjectOutput["body"]> {
    const start = this.#partial.size;
    if (start === 0) return (await this.#get(undefined)).body;
    try {
      const { body, contentRange } = await this.#get({ start, end: this.#totalBytes - 1 });
      if (contentRange?.startsWith(`bytes ${start}-`) === true) return body;
      await body.dispose();
    } catch (error) {
      if (!S3Error.is(error) || error.statusCode !== 200) throw error;
      await this.#partial.restart();
      return (await this.#get(undefined)).body;
    }
    throw malformed("The service sent another range than was asked for.");
  }

  async #get(range: UnconditionalReadInput["range"]): Promise<GetObjectOutput> {
    const { etag, versionId } = this.#head;
    const ifMatch = quoteEtag(etag);
    try {
      const input = { ...readInputOf(this.#input), versionId, ifMatch, range };
      return await getObject(this.#connection, input);
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
