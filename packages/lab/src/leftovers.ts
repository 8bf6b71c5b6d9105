import type { Engine, PartPage, UploadPage, UploadRef } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import type { SeenRequest } from "./seen-request.ts";

/** A multipart upload that was neither completed nor aborted. */
export interface OpenUpload {
  readonly bucket: string;
  readonly key: string;
  readonly uploadId: string;
  readonly parts: number;
  /** Of all its parts. */
  readonly bytes: number;
}

/** What clients left behind. */
export interface Leftovers {
  readonly uploads: readonly OpenUpload[];
  /** Requests that wrote, and whose client was told nothing or something else. */
  readonly unacknowledged: readonly SeenRequest[];
}

const writes: ReadonlySet<string> = new Set([
  "PutObject",
  "CopyObject",
  "CompleteMultipartUpload",
  "CreateMultipartUpload",
  "DeleteObject",
  "DeleteObjects",
]);

const page = 1000;

/** Looks through all buckets, and through what arrived. What goes away meanwhile is not left. */
export async function leftoversOf(
  engine: Engine,
  requests: readonly SeenRequest[],
): Promise<Leftovers> {
  const uploads: OpenUpload[] = [];
  const { buckets } = await engine.listBuckets({ prefix: "", after: "", limit: page });
  for (const { name } of buckets) uploads.push(...(await openUploads(engine, name)));
  const unacknowledged = requests.filter(
    ({ operation, serverStatus = 0, status }) =>
      writes.has(operation) && serverStatus >= 200 && serverStatus < 300 && status !== serverStatus,
  );
  return { uploads, unacknowledged };
}

async function openUploads(engine: Engine, bucket: string): Promise<OpenUpload[]> {
  const found: OpenUpload[] = [];
  let from: UploadPage["next"] | undefined = {
    keyMarker: "",
    uploadIdMarker: "",
  };
  while (from !== undefined) {
    const where: UploadPage["next"] = from;
    const uploads: UploadPage | undefined = await unlessGone(() =>
      engine.listUploads({ bucket, prefix: "", delimiter: "", ...where, limit: page }),
    );
    for (const entry of uploads?.entries ?? []) {
      if (entry.type !== "upload") continue;
      const { key, uploadId } = entry.upload;
      const parts = await unlessGone(() => partsOf(engine, { bucket, key, uploadId }));
      if (parts !== undefined) found.push({ bucket, key, uploadId, ...parts });
    }
    from = uploads?.next;
  }
  return found;
}

/** Undefined when it had been completed, aborted or deleted before it was looked at. */
async function unlessGone<T>(look: () => Promise<T>): Promise<T | undefined> {
  try {
    return await look();
  } catch (error) {
    if (S3Error.is(error) && (error.code === "NoSuchUpload" || error.code === "NoSuchBucket"))
      return undefined;
    throw error;
  }
}

async function partsOf(engine: Engine, ref: UploadRef): Promise<{ parts: number; bytes: number }> {
  const sum = { parts: 0, bytes: 0 };
  let after: number | undefined = 0;
  while (after !== undefined) {
    const { parts, next }: PartPage = await engine.listParts(ref, { after, limit: page });
    sum.parts += parts.length;
    for (const { size } of parts) sum.bytes += size;
    after = next;
  }
  return sum;
}
