import type { IncomingHttpHeaders } from "node:http";
import { checkKey, parseCopySource, s3Error, type CopySource } from "@holdfast/protocol";
import type { CopyOrigin } from "../context.ts";
import { uploadBytesMax } from "./upload-body.ts";

/** The object that `x-amz-copy-source` names, decoded once and held to the rules of every bucket and key. */
export function readCopySource(headers: IncomingHttpHeaders): CopySource {
  const source = parseCopySource(String(headers["x-amz-copy-source"]));
  checkKey(source.key);
  return source;
}

/** The source as the engine has it: without versions. */
export function unversioned(origin: CopyOrigin | undefined): { bucket: string; key: string } {
  if (origin === undefined) throw new TypeError("a copy was authorized without its source");
  const { bucket, key, versionId } = origin;
  if (versionId !== undefined && versionId !== "null") {
    throw s3Error("NoSuchVersion", { Key: key, VersionId: versionId });
  }
  return { bucket, key };
}

/** The refusal of a source that is more than one copy may move. */
export function tooLargeToCopy(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: `The specified copy source is larger than the maximum allowable size for a copy source: ${uploadBytesMax}`,
  });
}
