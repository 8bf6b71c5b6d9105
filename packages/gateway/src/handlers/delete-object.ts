import { writeCondition } from "@holdfast/protocol";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";

/** Removes an object. 204 whether or not it was there. */
export const deleteObject: Handler = async ({ bucket, key, headers }, engine) => {
  await engine.deleteObject({
    bucket,
    key,
    precondition: writeCondition(conditionHeaders(headers), key),
  });
  return { status: 204 };
};
