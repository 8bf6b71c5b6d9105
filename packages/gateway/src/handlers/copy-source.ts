import { checkKey, parseCopySource, s3Error } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { uploadBytesMax } from "./upload-body.ts";

/** The object that `x-amz-copy-source` names, held to the rules of every bucket and key. */
export function readCopySource({ headers }: Authorized): { bucket: string; key: string } {
  const { bucket, key, versionId } = parseCopySource(String(headers["x-amz-copy-source"]));
  checkKey(key);
  if (versionId !== undefined && versionId !== "null")
    throw s3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  return { bucket, key };
}

/** The refusal of a source that is more than one copy may move. */
export function tooLargeToCopy(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: `The specified copy source is larger than the maximum allowable size for a copy source: ${uploadBytesMax}`,
  });
}
