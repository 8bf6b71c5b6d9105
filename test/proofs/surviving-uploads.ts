import { childrenNamed, childText, readXml, unquoteEtag } from "@holdfast/protocol";
import type { S3Client } from "./s3-client.ts";
import type { LoggedUpload, UploadLog } from "./upload-log.ts";
import type { Violation } from "./violation.ts";

interface FoundUpload {
  readonly key: string;
  readonly uploadId: string;
}

/** Compares the uploads that a store holds now with the client's log, and settles the log on them. */
export async function checkUploads(
  client: S3Client,
  log: UploadLog,
  bucket: string,
): Promise<Violation[]> {
  const found = new Map<string, FoundUpload>();
  for (const upload of await listUploads(client, bucket)) found.set(upload.uploadId, upload);
  const violations: Violation[] = [];
  for (const { key, uploadId } of found.values()) {
    if (!log.hasEnded(uploadId)) continue;
    violations.push({ kind: "resurrected", key, detail: `upload ${uploadId} is back` });
  }
  for (const upload of log.open()) {
    const { key, uploadId, isEnding } = upload;
    if (!found.has(uploadId)) {
      if (!isEnding) violations.push({ kind: "lost", key, detail: `upload ${uploadId} is gone` });
      log.ended(uploadId);
      continue;
    }
    const parts = await listParts(client, bucket, upload);
    violations.push(...compareParts(upload, parts));
    log.observed(uploadId, parts);
  }
  return violations;
}

function compareParts(
  { key, parts }: LoggedUpload,
  found: ReadonlyMap<number, string>,
): Violation[] {
  return [...parts].flatMap(([number, etags]): Violation[] => {
    const etag = found.get(number) ?? "";
    if (etags.has(etag)) return [];
    return [{ kind: "lost", key, detail: `part ${number} is ${etag}, not ${[...etags].join()}` }];
  });
}

/** Every upload of a bucket that is under way. */
export async function listUploads(client: S3Client, bucket: string): Promise<FoundUpload[]> {
  const found: FoundUpload[] = [];
  let more = "";
  do {
    const page = await document(client, `/${bucket}?uploads${more}`);
    for (const upload of childrenNamed(page, "Upload")) {
      const key = childText(upload, "Key") ?? "";
      found.push({ key, uploadId: childText(upload, "UploadId") ?? "" });
    }
    const [key, id] = ["NextKeyMarker", "NextUploadIdMarker"].map((name) =>
      encodeURIComponent(childText(page, name) ?? ""),
    );
    const isLast = childText(page, "IsTruncated") !== "true";
    more = isLast ? "" : `&key-marker=${key}&upload-id-marker=${id}`;
  } while (more !== "");
  return found;
}

async function listParts(
  client: S3Client,
  bucket: string,
  { key, uploadId }: FoundUpload,
): Promise<Map<number, string>> {
  const page = await document(client, `/${bucket}/${key}?uploadId=${uploadId}`);
  return new Map(
    childrenNamed(page, "Part").map((part) => [
      Number(childText(part, "PartNumber")),
      unquoteEtag(childText(part, "ETag") ?? ""),
    ]),
  );
}

async function document(client: S3Client, target: string): Promise<ReturnType<typeof readXml>> {
  const { status, body } = await client.send({ method: "GET", target });
  if (status !== 200) throw new Error(`the listing answered ${status}: ${body.toString()}`);
  return readXml(body, { nodesMax: 20_000 });
}
