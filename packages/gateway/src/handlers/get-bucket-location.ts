import { renderXml } from "@holdfast/protocol";
import type { Reply } from "../context.ts";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** S3's first region has no location constraint: an empty element stands for it. */
const unnamedRegion = "us-east-1";
const xmlns = "http://s3.amazonaws.com/doc/2006-03-01/";

/** The region that every bucket is in. */
export const getBucketLocation: Handler = async ({ bucket, region }, engine) => {
  await engine.headBucket(bucket);
  return locationReply(region);
};

/** The answer that names a region, as all buckets are in the one that clients sign for. */
export function locationReply(region: string): Reply {
  return xmlReply(renderXml(["LocationConstraint", locationOf(region) ?? "", { xmlns }]));
}

/** How S3's documents call a region; undefined for the one that has no name there. */
export function locationOf(region: string): string | undefined {
  return region === unnamedRegion ? undefined : region;
}
