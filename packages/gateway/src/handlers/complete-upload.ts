import type { CompletedPart, Engine } from "@holdfast/engine";
import {
  checksumHeader,
  quoteEtag,
  renderResult,
  s3Error,
  S3Error,
  writeCondition,
} from "@holdfast/protocol";
import { readDocument } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { checksumElements } from "./checksum-elements.ts";
import { readChecksumType } from "./checksum-type.ts";
import { readCompletedParts } from "./completed-parts.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { readObjectChecksum } from "./object-checksum.ts";
import { objectUrl } from "./object-url.ts";
import { uploadRef } from "./upload-ref.ts";
import { xmlReply } from "./xml-reply.ts";

/** Makes the object from its parts, or leaves everything as it was. */
export const completeMultipartUpload: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const precondition = writeCondition(conditionHeaders(headers), key);
  const size = readObjectSize(headers["x-amz-mp-object-size"]);
  const type = readChecksumType(headers["x-amz-checksum-type"]);
  const checksum = readObjectChecksum(headers);
  const parts = readCompletedParts(await readDocument(request, { checksumIsOfObject: true }));
  await requirePartChecksums(request, engine, parts);
  const info = await engine.completeUpload({
    ...uploadRef(request),
    parts,
    precondition,
    ...(checksum === undefined ? {} : { checksum }),
    ...(type === undefined ? {} : { checksumType: type }),
    ...(size === undefined ? {} : { size }),
  });
  return xmlReply(
    renderResult("CompleteMultipartUploadResult", [
      ["Location", objectUrl(request)],
      ["Bucket", bucket],
      ["Key", key],
      ["ETag", quoteEtag(info.etag)],
      ...checksumElements(info),
    ]),
  );
};

/** Of a composite checksum every part's share must be said: API_CompleteMultipartUpload. */
async function requirePartChecksums(
  request: Authorized,
  engine: Engine,
  parts: readonly CompletedPart[],
): Promise<void> {
  const bare = parts.find(({ checksum }) => checksum === undefined);
  if (bare === undefined) return;
  const algorithm = await compositeAlgorithm(request, engine);
  if (algorithm === undefined) return;
  throw s3Error("InvalidRequest", undefined, {
    reason: "missing_part_checksum",
    message:
      `The upload was created with ${checksumHeader(algorithm)}. ` +
      `The request has to tell it for each part, and part ${bare.partNumber} has none.`,
  });
}

async function compositeAlgorithm(
  request: Authorized,
  engine: Engine,
): Promise<Parameters<typeof checksumHeader>[0] | undefined> {
  try {
    const { upload } = await engine.listParts(uploadRef(request), { after: 0, limit: 0 });
    return upload.checksumType === "COMPOSITE" ? upload.checksumAlgorithm : undefined;
  } catch (error) {
    // Completed before, perhaps with these very parts: the engine knows.
    if (S3Error.is(error) && error.code === "NoSuchUpload") return undefined;
    throw error;
  }
}

function readObjectSize(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw s3Error("InvalidRequest", undefined, {
    message: "Value for x-amz-mp-object-size header is invalid.",
  });
}
