import { writeCondition } from "@holdfast/protocol";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { unsupportedHeader } from "./supported-headers.ts";

/** Removes an object. 204 whether or not it was there, unless `If-Match` asks for it to be. */
export const deleteObject: Handler = async ({ bucket, key, headers }, engine) => {
  // It would mean to delete what must not be there.
  if (headers["if-none-match"] !== undefined) throw unsupportedHeader("If-None-Match");
  await engine.deleteObject({
    bucket,
    key,
    precondition: writeCondition(conditionHeaders(headers), key),
  });
  return { status: 204 };
};
