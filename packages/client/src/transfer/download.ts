import { asS3Error } from "../errors/as-s3-error.ts";
import { S3Error } from "../errors/s3-error.ts";
import { WireFailure } from "../errors/wire-failure.ts";
import { headObject } from "../operations/head-object.ts";
import type { ObjectInput } from "../operations/inputs.ts";
import { malformed } from "../operations/values.ts";
import type { Connection } from "../request/call.ts";
import { PartialFile } from "./partial-file.ts";
import type { TransferProgress } from "./progress.ts";
import { readInputOf, Reception } from "./reception.ts";

/** An object to be brought into a file. */
export interface DownloadInput extends ObjectInput {
  /** The path of the file. What is there is replaced once everything has arrived, and not before. */
  readonly file: string;
  /** Keeps what has arrived when it fails, and goes on from there the next time: false by default. */
  readonly resume?: boolean | undefined;
  /** Only the object with this etag. */
  readonly ifMatch?: string | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
  /** Told after each piece. What it throws ends the download, and is the cause of its error. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** What is in the file now. */
export interface DownloadOutput {
  readonly etag: string;
  readonly versionId: string | undefined;
  readonly bytes: number;
  /** How many of them an earlier download had left. */
  readonly resumedFrom: number;
}

/**
 * Brings an object into a file, whole or not at all: the file gets its name when all bytes are in it, verified and on
 * stable storage. A connection that breaks is gone on with, and never into another object. Errors of the local file
 * system are Node's own.
 */
export async function download(
  connection: Connection,
  input: DownloadInput,
): Promise<DownloadOutput> {
  try {
    return await receive(connection, input);
  } catch (error) {
    const { bucket, key } = input;
    throw asS3Error(error, { operation: "Download", bucket, key });
  }
}

async function receive(connection: Connection, input: DownloadInput): Promise<DownloadOutput> {
  const { file, resume = false, bucket, key } = input;
  const head = await headObject(connection, readInputOf(input));
  const { etag, versionId, contentLength: totalBytes } = head;
  if (totalBytes === undefined) throw malformed("The answer does not say how long the object is.");
  const identity = JSON.stringify([bucket, key, etag, versionId]);
  const partial = await PartialFile.open(file, { identity, resume, bytesMax: totalBytes });
  const reception = new Reception(connection, input, { head, partial, totalBytes });
  try {
    const resumedFrom = await reception.run();
    await partial.finish();
    return { etag, versionId, bytes: totalBytes, resumedFrom };
  } catch (error) {
    if (isOfOtherBytes(error)) partial.discard();
    await partial.leave();
    throw error;
  }
}

/** Whether nothing that was received can be gone on with: it is not what the service has, or no longer. */
function isOfOtherBytes(error: unknown): boolean {
  if (error instanceof WireFailure) return error.fields.code !== "Aborted";
  if (!S3Error.is(error)) return false;
  const { category } = error;
  return category === "integrity" || category === "precondition-failed" || category === "not-found";
}
