import { childText, s3Error, type XmlElement } from "@holdfast/protocol";
import { readDocument } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import type { Handler } from "./handler.ts";

/**
 * Makes a bucket. One that is there is `BucketAlreadyOwnedByYou`, as in every region of S3 but the
 * oldest, which answers 200 to a request that made nothing.
 */
export const createBucket: Handler = async (request, engine) => {
  await checkBucketConfiguration(request);
  await engine.createBucket(request.bucket);
  return { status: 200, headers: { location: `/${request.bucket}` } };
};

/** Reads what the bucket is to be; refuses all but what it will be anyway. */
export async function checkBucketConfiguration(request: Authorized): Promise<void> {
  const document = await readDocument(request);
  if (document !== undefined) checkConfiguration(document, request.region);
}

/** The one location there is may be named; what else can be configured cannot be had. */
function checkConfiguration(document: XmlElement, region: string): void {
  if (document.name !== "CreateBucketConfiguration") throw s3Error("MalformedXML");
  const location = childText(document, "LocationConstraint")?.trim() ?? "";
  const other = document.children.find(({ name }) => name !== "LocationConstraint");
  if (other !== undefined) {
    const isKnown = ["Bucket", "Location", "Tags"].includes(other.name);
    throw s3Error(isKnown ? "NotImplemented" : "MalformedXML");
  }
  if (location === "" || location === region) return;
  throw s3Error("IllegalLocationConstraintException", undefined, {
    message: `The ${location.slice(0, 64)} location constraint is incompatible for the region specific endpoint this request was sent to.`,
    extra: { LocationConstraint: location.slice(0, 64), Region: region },
  });
}
