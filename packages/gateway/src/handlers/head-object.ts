import { describeObject } from "./describe-object.ts";
import type { Handler } from "./handler.ts";

/** What GET would answer, without the bytes. */
export const headObject: Handler = async (request, engine) => {
  const info = await engine.headObject(request.bucket, request.key);
  const { status, headers, length } = describeObject(request, info);
  headers["content-length"] = String(length);
  return { status, headers };
};
