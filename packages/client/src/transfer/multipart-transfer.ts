import type { Checksum } from "@holdfast/protocol";
import { nextPiece } from "../bodies/next-piece.ts";
import { wholeNumber } from "../bodies/whole-number.ts";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import {
  completeMultipartUpload,
  type CompletedPart,
  type CreateMultipartUploadOutput,
} from "../operations/multipart-upload.ts";
import type { NewObjectInput } from "../operations/put-object.ts";
import type { Connection } from "../request/call.ts";
import { OpenUpload, type UploadTarget } from "./open-upload.ts";
import { partsMax } from "./part-sizes.ts";
import { tellProgress, type TransferProgress } from "./progress.ts";

const concurrencyDefault = 4;

/** What a caller may say of any transfer in parts. */
export interface MultipartInput extends NewObjectInput {
  /** Parts on their way at once: 4 by default. */
  readonly concurrency?: number | undefined;
  readonly ifMatch?: string | undefined;
  readonly ifNoneMatch?: "*" | undefined;
  /** Told after each part. What it throws ends the transfer, and is the cause of its error. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** A part that is to be sent. */
export interface PartTarget extends UploadTarget {
  readonly uploadId: string;
  readonly partNumber: number;
  readonly signal: AbortSignal;
}

/** A part that was sent. */
interface SentPart {
  readonly etag: string;
  readonly checksum?: Checksum | undefined;
}

/** What is sent as the parts of an object. */
export interface PartsToSend<Part> {
  readonly operation: "Upload" | "Copy";
  readonly totalBytes: number | undefined;
  readonly parts: Pick<AsyncIterator<Part, unknown>, "next">;
  bytesOf(part: Part): number;
  send(part: Part, target: PartTarget): Promise<SentPart>;
}

/** What was stored. */
export interface MultipartOutput {
  /** Without quotes. */
  readonly etag: string;
  readonly versionId: string | undefined;
  /** How many parts it took; 0 for an object that was stored by one request. */
  readonly parts: number;
  readonly bytes: number;
}

/** One object in parts: a few on their way at a time, the next one at hand, and all of it taken back when one fails. */
export class MultipartTransfer<Part> {
  readonly #connection: Connection;
  readonly #input: MultipartInput;
  readonly #toSend: PartsToSend<Part>;
  readonly #concurrency: number;
  readonly #inFlight = new Set<Promise<void>>();
  readonly #done: CompletedPart[] = [];
  /** Ends what is on its way: when the caller says so, and when something has failed. */
  readonly #ending = new AbortController();
  #failure: { readonly error: unknown } | undefined;
  #transferredBytes = 0;
  #isCompleting = false;

  /** Throws `InvalidRequest` for a `concurrency` that is no number of parts. */
  constructor(connection: Connection, input: MultipartInput, toSend: PartsToSend<Part>) {
    this.#connection = connection;
    this.#input = input;
    this.#toSend = toSend;
    this.#concurrency = wholeNumber("concurrency", input.concurrency ?? concurrencyDefault, 1);
  }

  /** Begins the upload, sends all parts, and makes the object. Takes the upload back when anything fails. */
  async run(): Promise<MultipartOutput> {
    const { signal } = this.#input;
    const upload = await OpenUpload.begin(this.#connection, this.#input);
    const abort = (): void => {
      this.#fail(new WireFailure({ code: "Aborted", cause: signal?.reason }), signal?.reason);
    };
    if (signal?.aborted === true) abort();
    signal?.addEventListener("abort", abort, { once: true });
    try {
      await this.#sendAll(upload);
      return await this.#complete(upload);
    } catch (error) {
      this.#fail(error);
      await Promise.allSettled(this.#inFlight);
      // Only a completion leaves it open whether there is an object now.
      const isDoubtful = S3Error.is(error) && error.ambiguous && this.#isCompleting;
      if (!isDoubtful) throw await upload.takeBack(this.#failure?.error);
      return this.#outputOf(await upload.settle(error, this.#etags()));
    } finally {
      signal?.removeEventListener("abort", abort);
    }
  }

  async #sendAll(upload: OpenUpload): Promise<void> {
    for (let partNumber = 1; await this.#sendNext(upload, partNumber); partNumber += 1);
    await Promise.all(this.#inFlight);
    this.#throwFailure();
  }

  /** Starts one part once it is its turn; false at the end. Only what is on its way holds it after that. */
  async #sendNext(upload: OpenUpload, partNumber: number): Promise<boolean> {
    const { signal } = this.#ending;
    const part = await nextPiece(this.#toSend.parts, signal);
    this.#throwFailure();
    if (part === undefined) return false;
    if (partNumber > partsMax) throw tooManyParts();
    while (this.#inFlight.size >= this.#concurrency) await Promise.race(this.#inFlight);
    this.#throwFailure();
    this.#start(part, { ...upload.target, uploadId: upload.uploadId, partNumber, signal });
    return true;
  }

  #start(part: Part, target: PartTarget): void {
    const sent = this.#send(part, target)
      .catch((error: unknown) => this.#fail(error))
      .finally(() => this.#inFlight.delete(sent));
    this.#inFlight.add(sent);
  }

  async #send(part: Part, target: PartTarget): Promise<void> {
    const { etag, checksum } = await this.#toSend.send(part, target);
    this.#done.push({ partNumber: target.partNumber, etag, checksum });
    this.#transferredBytes += this.#toSend.bytesOf(part);
    if (this.#failure !== undefined) return;
    const { bucket, key, onProgress } = this.#input;
    const { operation, totalBytes } = this.#toSend;
    const progress = { transferredBytes: this.#transferredBytes, totalBytes };
    tellProgress(this.#connection, { operation, bucket, key, onProgress }, progress);
  }

  async #complete({ uploadId, created, target }: OpenUpload): Promise<MultipartOutput> {
    const { ifMatch, ifNoneMatch } = this.#input;
    this.#isCompleting = true;
    const made = await completeMultipartUpload(this.#connection, {
      ...target,
      uploadId,
      parts: this.#inOrder().map((part) => statedPart(part, created)),
      checksumType: created.checksumType === "FULL_OBJECT" ? "FULL_OBJECT" : undefined,
      ifMatch,
      ifNoneMatch,
      signal: this.#ending.signal,
    });
    return this.#outputOf(made);
  }

  #outputOf(made: {
    readonly etag: string;
    readonly versionId?: string | undefined;
  }): MultipartOutput {
    const { etag, versionId } = made;
    return { etag, versionId, parts: this.#done.length, bytes: this.#transferredBytes };
  }

  #inOrder(): readonly CompletedPart[] {
    return this.#done.toSorted((a, b) => a.partNumber - b.partNumber);
  }

  #etags(): readonly string[] {
    return this.#inOrder().map(({ etag }) => etag);
  }

  #fail(error: unknown, reason: unknown = error): void {
    if (this.#failure !== undefined) return;
    this.#failure = { error };
    this.#ending.abort(reason);
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.error;
  }
}

/** The service holds the parts' checksums; only one that the upload was begun with may be stated again. */
function statedPart(
  { partNumber, etag, checksum }: CompletedPart,
  { checksumAlgorithm }: CreateMultipartUploadOutput,
): CompletedPart {
  return checksum?.algorithm === checksumAlgorithm
    ? { partNumber, etag, checksum }
    : { partNumber, etag };
}

function tooManyParts(): WireFailure {
  return new WireFailure({
    code: "EntityTooLarge",
    message: `The object has more than ${partsMax} parts: give contentLength, or larger partBytes.`,
  });
}
