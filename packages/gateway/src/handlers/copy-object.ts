import {
  copySourceCondition,
  formatIsoDate,
  quoteEtag,
  renderResult,
  s3Error,
  writeCondition,
  type S3Error,
} from "@holdfast/protocol";
import type { ObjectInfo } from "@holdfast/engine";
import { readAlgorithmName } from "../body/digests.ts";
import type { Authorized } from "../context.ts";
import { checksumElements } from "./checksum-elements.ts";
import { conditionHeaders, copySourceHeaders } from "./condition-headers.ts";
import { tooLargeToCopy, unversioned } from "./copy-source.ts";
import type { Handler } from "./handler.ts";
import { invalidArgument } from "./list-parameters.ts";
import { readMetadata } from "./metadata.ts";
import { unsupportedHeader } from "./supported-headers.ts";
import { uploadBytesMax } from "./upload-body.ts";
import { xmlReply } from "./xml-reply.ts";

/** Makes an object from another one without moving a byte. */
export const copyObject: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const source = unversioned(request.copyOrigin);
  const replaces = readDirective(headers["x-amz-metadata-directive"]);
  if (!replaces && source.bucket === bucket && source.key === key) throw ontoItself();
  if (headers["x-amz-copy-source-range"] !== undefined) {
    throw unsupportedHeader("x-amz-copy-source-range");
  }
  const sourcePrecondition = readSourcePrecondition(request);
  await engine.headBucket(bucket);
  const info = await engine.copyObject({
    bucket,
    key,
    source,
    sourcePrecondition,
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

function readSourcePrecondition({ headers, receivedAt }: Authorized): (found: ObjectInfo) => void {
  const isAllowed = copySourceCondition(copySourceHeaders(headers), receivedAt);
  const algorithm = readAlgorithmName(headers["x-amz-checksum-algorithm"]);
  return (found) => {
    isAllowed(found);
    if (found.size > uploadBytesMax) throw tooLargeToCopy();
    // No byte is read, so no checksum is computed: the copy has the one that its source has.
    if (algorithm !== undefined && algorithm !== found.checksum?.algorithm) {
      throw unsupportedHeader("x-amz-checksum-algorithm");
    }
  };
}

function readDirective(value: string | string[] | undefined): boolean {
  if (value === undefined || value === "COPY") return false;
  if (value === "REPLACE") return true;
  throw invalidArgument("x-amz-metadata-directive", String(value), "Unknown metadata directive.");
}

function ontoItself(): S3Error {
  return s3Error("InvalidRequest", undefined, {
    reason: "copy_onto_itself",
    message:
      "This copy request is illegal because it is trying to copy an object to itself without " +
      "changing the object's metadata.",
  });
}
