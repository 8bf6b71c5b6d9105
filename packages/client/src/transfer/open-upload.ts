import { randomUUID } from "node:crypto";
import { S3Error } from "../errors/s3-error.ts";
import { toS3Error } from "../errors/to-s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { headObject } from "../operations/head-object.ts";
import {
  abortMultipartUpload,
  createMultipartUpload,
  type CreateMultipartUploadOutput,
} from "../operations/multipart-upload.ts";
import { writeIdName } from "../operations/put-object.ts";
import type { ObjectDescription } from "../operations/read-object.ts";
import { etagOfParts } from "../operations/settle.ts";
import type { Connection } from "../request/call.ts";
import type { MultipartInput } from "./multipart-transfer.ts";
import { outlast } from "./outlast.ts";

/** How long taking an upload back may last, in milliseconds, once the operation has failed. */
const takeBackMs = 10_000;

/** What each request of an upload says alike. */
export interface UploadTarget {
  readonly bucket: string;
  readonly key: string;
  readonly sseCustomerKey?: Uint8Array | undefined;
  readonly expectedBucketOwner?: string | undefined;
  readonly requestPayer?: string | undefined;
}

/** An upload that has begun, and has to be completed or taken back. */
export class OpenUpload {
  readonly target: UploadTarget;
  readonly created: CreateMultipartUploadOutput;
  readonly #connection: Connection;
  /** Names a conditional upload in its object's metadata, so that it knows itself again. */
  readonly #mark: string | undefined;

  /** Begins it. A signal that aborts meanwhile is heeded once it is known what there is to take back. */
  static async begin(connection: Connection, input: MultipartInput): Promise<OpenUpload> {
    const { signal, ifMatch, ifNoneMatch } = input;
    const isConditional = ifMatch !== undefined || ifNoneMatch !== undefined;
    const mark = isConditional ? randomUUID() : undefined;
    const metadata =
      mark === undefined ? input.metadata : { ...input.metadata, [writeIdName]: mark };
    const patience = outlast(signal, takeBackMs);
    try {
      const asked = { ...input, metadata, signal: patience.signal };
      const created = await createMultipartUpload(connection, asked);
      return new OpenUpload(connection, { input, created, mark });
    } catch (error) {
      if (signal?.aborted !== true || !S3Error.is(error)) throw error;
      const details = error.ambiguous ? { CreateMultipartUpload: error.errorCode } : undefined;
      throw new WireFailure({ code: "Aborted", details, cause: signal.reason });
    } finally {
      patience.clear();
    }
  }

  constructor(
    connection: Connection,
    begun: {
      readonly input: MultipartInput;
      readonly created: CreateMultipartUploadOutput;
      readonly mark: string | undefined;
    },
  ) {
    const { bucket, key, sseCustomerKey, expectedBucketOwner, requestPayer } = begun.input;
    this.#connection = connection;
    this.target = { bucket, key, sseCustomerKey, expectedBucketOwner, requestPayer };
    this.created = begun.created;
    this.#mark = begun.mark;
  }

  get uploadId(): string {
    return this.created.uploadId;
  }

  /** Ends the upload at the service and gives `error` back; where that fails too, one that says which upload is left. */
  async takeBack(error: unknown): Promise<unknown> {
    const { bucket, key, expectedBucketOwner, requestPayer } = this.target;
    const { uploadId } = this;
    const signal = AbortSignal.timeout(takeBackMs);
    try {
      await abortMultipartUpload(this.#connection, {
        bucket,
        key,
        uploadId,
        expectedBucketOwner,
        requestPayer,
        signal,
      });
      return error;
    } catch (left) {
      // Gone already: completed although its answer was lost, or removed by somebody else.
      if (S3Error.is(left) && left.errorCode === "NoSuchUpload") return error;
      return leftOpen(error, { uploadId, left });
    }
  }

  /** After a completion whose outcome is not known: the object that it made, or the error of what was taken back. */
  async settle(error: S3Error, etags: readonly string[]): Promise<ObjectDescription> {
    const thrown = await this.takeBack(error);
    const signal = AbortSignal.timeout(takeBackMs);
    try {
      const found = await headObject(this.#connection, { ...this.target, signal });
      if (this.#isOwn(found, etags)) return found;
    } catch {
      // What cannot be looked at stays unknown; the completion's own failure is what its caller hears of.
    }
    throw thrown;
  }

  #isOwn({ etag, metadata }: ObjectDescription, etags: readonly string[]): boolean {
    return this.#mark === undefined
      ? etag === etagOfParts(etags)
      : metadata[writeIdName] === this.#mark;
  }
}

/** The same failure, and what it left. */
function leftOpen(
  error: unknown,
  { uploadId, left }: { readonly uploadId: string; readonly left: unknown },
): unknown {
  const why = S3Error.is(left) ? left.errorCode : "unknown";
  const added = { UploadId: uploadId, AbortMultipartUpload: why };
  if (error instanceof WireFailure) {
    return new WireFailure({ ...error.fields, details: { ...error.fields.details, ...added } });
  }
  if (!S3Error.is(error)) return error;
  const { errorCode: code, statusCode: status, phase, requestId, hostId, retryAfter } = error;
  const { codeInferred, history, ambiguous } = error;
  return toS3Error(
    {
      code,
      status,
      phase,
      requestId,
      hostId,
      retryAfter,
      codeInferred,
      message: "It failed, and its upload could not be taken back.",
      details: { ...error.details, ...added },
      cause: error,
    },
    { context: error, history, ambiguous },
  );
}
