import {
  renderResult,
  s3Error,
  type ChecksumAlgorithm,
  type ChecksumType,
} from "@holdfast/protocol";
import { readAlgorithmName } from "../body/digests.ts";
import { readChecksumType } from "./checksum-type.ts";
import type { Handler } from "./handler.ts";
import { readMetadata } from "./metadata.ts";
import { xmlReply } from "./xml-reply.ts";

/** Starts an upload in parts. */
export const createMultipartUpload: Handler = async ({ bucket, key, headers }, engine) => {
  const algorithm = readAlgorithmName(headers["x-amz-checksum-algorithm"]);
  const type = readChecksumType(headers["x-amz-checksum-type"]);
  if (type !== undefined && algorithm === undefined) {
    throw s3Error("InvalidRequest", undefined, {
      message: "The x-amz-checksum-type header can only be used with x-amz-checksum-algorithm.",
    });
  }
  const upload = await engine.createUpload({
    bucket,
    key,
    metadata: readMetadata(headers),
    ...(algorithm === undefined ? {} : { checksumAlgorithm: algorithm }),
    ...(type === undefined ? {} : { checksumType: type }),
  });
  return xmlReply(
    renderResult("InitiateMultipartUploadResult", [
      ["Bucket", bucket],
      ["Key", key],
      ["UploadId", upload.uploadId],
    ]),
    uploadHeaders(upload),
  );
};

function uploadHeaders(upload: {
  readonly checksumAlgorithm?: ChecksumAlgorithm;
  readonly checksumType?: ChecksumType;
}): Record<string, string> {
  const { checksumAlgorithm, checksumType } = upload;
  return {
    ...(checksumAlgorithm === undefined ? {} : { "x-amz-checksum-algorithm": checksumAlgorithm }),
    ...(checksumType === undefined ? {} : { "x-amz-checksum-type": checksumType }),
  };
}
