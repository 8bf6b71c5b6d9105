import { renderResult } from "@holdfast/protocol";
import type { Handler } from "./handler.ts";
import { xmlReply } from "./xml-reply.ts";

/** No tags: none can be set. */
export const getObjectTagging: Handler = async ({ bucket, key }, engine) => {
  await engine.headObject(bucket, key);
  return xmlReply(renderResult("Tagging", [["TagSet", ""]]));
};
