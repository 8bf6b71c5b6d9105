import { renderXml } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** S3's first region has no location constraint: an empty element stands for it. */
const unnamedRegion = "us-east-1";
const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

/** The region that every bucket is in. */
export const getBucketLocation: Handler = async ({ bucket, region }, engine) => {
  await engine.headBucket(bucket);
  const location = region === unnamedRegion ? "" : region;
  return xmlReply(renderXml(["LocationConstraint", location, { xmlns }]));
};
