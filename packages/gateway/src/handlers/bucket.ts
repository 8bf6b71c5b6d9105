import { renderResult } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** 200 when the bucket exists. */
export const headBucket: Handler = async ({ bucket, region }, engine) => {
  await engine.headBucket(bucket);
  return { status: 200, headers: { "x-amz-bucket-region": region } };
};

/** Removes an empty bucket. */
export const deleteBucket: Handler = async ({ bucket }, engine) => {
  await engine.deleteBucket(bucket);
  return { status: 204 };
};

/** Empty, as S3 says of its first region. */
export const getBucketLocation: Handler = async ({ bucket }, engine) => {
  await engine.headBucket(bucket);
  return xmlReply(renderResult("LocationConstraint", []));
};

/** Empty, as S3 says of a bucket on which versioning was never switched on. */
export const getBucketVersioning: Handler = async ({ bucket }, engine) => {
  await engine.headBucket(bucket);
  return xmlReply(renderResult("VersioningConfiguration", []));
};

/** No tags: none can be set. */
export const getObjectTagging: Handler = async ({ bucket, key }, engine) => {
  await engine.headObject(bucket, key);
  return xmlReply(renderResult("Tagging", [["TagSet", ""]]));
};
