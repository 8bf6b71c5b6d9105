import { quoteEtag } from "@holdfast/protocol";
import { ExpectedChecksum } from "../bodies/expected-checksum.ts";
import { asS3Error } from "../errors/as-s3-error.ts";
import { getObject } from "../operations/get-object.ts";
import { headObject } from "../operations/head-object.ts";
import type { ObjectInput } from "../operations/inputs.ts";
import type { ObjectDescription } from "../operations/read-object.ts";
import type { Connection } from "../request/call.ts";
import { PartialFile } from "./partial-file.ts";
import { tellProgress, type TransferProgress } from "./progress.ts";

/** An object to be brought into a file. */
export interface DownloadInput extends ObjectInput {
  /** The path of the file. What is there is replaced once everything has arrived, and not before. */
  readonly file: string;
  /** Keeps what has arrived when it fails, and goes on from there the next time: false by default. */
  readonly resume?: boolean | undefined;
  /** Only the object with this etag. */
  readonly ifMatch?: string | undefined;
  readonly sseCustomerKey?: Uint8Array | undefined;
  /** Told after each piece. What it throws ends the download. */
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
  const { file, resume = false, bucket, key } = input;
  const head = await describe(connection, input);
  const { etag, versionId, contentLength: totalBytes = 0 } = head;
  const identity = JSON.stringify([bucket, key, etag, versionId]);
  const partial = await PartialFile.open(file, { identity, resume, bytesMax: totalBytes });
  const resumedFrom = partial.size;
  try {
    await receive(connection, input, { head, partial, totalBytes });
    await partial.finish();
  } catch (error) {
    await partial.leave();
    throw error;
  }
  return { etag, versionId, bytes: totalBytes, resumedFrom };
}

/** What is to be received, and where it goes. */
interface Reception {
  readonly head: ObjectDescription;
  readonly partial: PartialFile;
  readonly totalBytes: number;
}

async function describe(connection: Connection, input: DownloadInput): Promise<ObjectDescription> {
  const { bucket, key, versionId, ifMatch, sseCustomerKey, signal } = input;
  return headObject(connection, { bucket, key, versionId, ifMatch, sseCustomerKey, signal });
}

async function receive(
  connection: Connection,
  input: DownloadInput,
  { head, partial, totalBytes }: Reception,
): Promise<void> {
  const { bucket, key, sseCustomerKey, signal, onProgress } = input;
  const progressTarget = { operation: "Download", bucket, key, onProgress } as const;
  const from = partial.size;
  // A body that comes in one go is verified as it comes; one that is put together here has to be here.
  const checksum = from === 0 ? undefined : ExpectedChecksum.stated(head.checksum);
  if (checksum !== undefined) await partial.read((bytes) => checksum.update(bytes));
  if (from < totalBytes) {
    const { body } = await getObject(connection, {
      bucket,
      key,
      versionId: head.versionId,
      ifMatch: quoteEtag(head.etag),
      range: from === 0 ? undefined : { start: from, end: totalBytes - 1 },
      sseCustomerKey,
      signal,
    });
    for await (const piece of body) {
      checksum?.update(piece);
      await partial.write(piece);
      tellProgress(connection, progressTarget, { transferredBytes: partial.size, totalBytes });
    }
  }
  const failure = checksum?.verify();
  if (failure === undefined) return;
  // What an earlier download left is not what the service has: nothing of it can be used.
  partial.discard();
  throw asS3Error(failure, { operation: "Download", bucket, key });
}
