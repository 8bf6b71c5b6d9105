import type { Handler } from "./handler.ts";

/** Removes an empty bucket. */
export const deleteBucket: Handler = async ({ bucket }, engine) => {
  await engine.deleteBucket(bucket);
  return { status: 204 };
};
