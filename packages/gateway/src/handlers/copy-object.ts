import {
  checkKey,
  copySourceCondition,
  formatIsoDate,
  parseCopySource,
  quoteEtag,
  renderResult,
  s3Error,
  writeCondition,
} from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { conditionHeaders, copySourceHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { checksumElements } from "./checksum-elements.ts";
import { readMetadata } from "./metadata.ts";
import { uploadBytesMax } from "./put-object.ts";
import { xmlReply } from "./xml-reply.ts";

/** Makes an object from another one without moving a byte. */
export const copyObject: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const source = readCopySource(request);
  const replaces = readDirective(headers["x-amz-metadata-directive"]);
  if (!replaces && source.bucket === bucket && source.key === key) {
    throw s3Error("InvalidRequest", undefined, {
      reason: "copy_onto_itself",
      message:
        "This copy request is illegal because it is trying to copy an object to itself without " +
        "changing the object's metadata.",
    });
  }
  const isAllowed = copySourceCondition(copySourceHeaders(headers), request.receivedAt);
  await engine.headBucket(bucket);
  const info = await engine.copyObject({
    bucket,
    key,
    source,
    sourcePrecondition: (found) => {
      if (found.size > uploadBytesMax) throw tooLargeToCopy();
      isAllowed(found);
    },
    precondition: writeCondition(conditionHeaders(headers), key),
    ...(replaces ? { metadata: readMetadata(headers) } : {}),
  });
  return xmlReply(
    renderResult("CopyObjectResult", [
      ["LastModified", formatIsoDate(info.lastModified)],
      ["ETag", quoteEtag(info.etag)],
      ...checksumElements(info),
    ]),
  );
};

/** The object that `x-amz-copy-source` names, held to the rules of every bucket and key. */
export function readCopySource({ headers }: Authorized): { bucket: string; key: string } {
  const { bucket, key, versionId } = parseCopySource(String(headers["x-amz-copy-source"]));
  checkKey(key);
  if (versionId !== undefined && versionId !== "null")
    throw s3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  return { bucket, key };
}

function readDirective(value: string | string[] | undefined): boolean {
  if (value === undefined || value === "COPY") return false;
  if (value === "REPLACE") return true;
  throw s3Error("InvalidArgument", undefined, {
    message: "Unknown metadata directive.",
    extra: { ArgumentName: "x-amz-metadata-directive", ArgumentValue: String(value) },
  });
}

function tooLargeToCopy(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: `The specified copy source is larger than the maximum allowable size for a copy source: ${uploadBytesMax}`,
  });
}
