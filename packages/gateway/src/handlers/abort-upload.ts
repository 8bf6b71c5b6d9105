import type { Handler } from "./handler.ts";
import { uploadRef } from "./upload-ref.ts";

/** Gives up an upload and its parts. */
export const abortMultipartUpload: Handler = async (request, engine) => {
  await engine.abortUpload(uploadRef(request));
  return { status: 204 };
};
