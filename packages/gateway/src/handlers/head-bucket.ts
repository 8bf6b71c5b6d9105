import type { Handler } from "./handler.ts";

/** 200 when the bucket exists. */
export const headBucket: Handler = async ({ bucket, region }, engine) => {
  await engine.headBucket(bucket);
  return { status: 200, headers: { "x-amz-bucket-region": region } };
};
