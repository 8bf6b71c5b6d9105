import { renderResult } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** Empty, as S3 says of a bucket on which versioning was never switched on. */
export const getBucketVersioning: Handler = async ({ bucket }, engine) => {
  await engine.headBucket(bucket);
  return xmlReply(renderResult("VersioningConfiguration", []));
};
