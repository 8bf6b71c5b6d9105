import { s3Error } from "@holdfast/protocol";
import { readDocument } from "../body/read-document.ts";
import type { Handler } from "./handler.ts";

/** Makes a bucket. A location constraint may name any region: there is one, and it is here. */
export const createBucket: Handler = async (request, engine) => {
  const document = await readDocument(request);
  if (document !== undefined && document.name !== "CreateBucketConfiguration") {
    throw s3Error("MalformedXML");
  }
  await engine.createBucket(request.bucket);
  return { status: 200, headers: { location: `/${request.bucket}` } };
};
