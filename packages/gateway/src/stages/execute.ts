import type { Engine } from "@holdfast/engine";
import { operations, s3Error } from "@holdfast/protocol";
import { requireEmpty } from "../body/empty.ts";
import type { Authorized, Reply } from "../context.ts";
import { refuseUnsupportedHeaders } from "../handlers/supported-headers.ts";
import { handlers } from "../handlers/table.ts";

/** Runs the operation against the engine. Nothing that a request asks for is silently left out. */
export function execute(request: Authorized, engine: Engine): Promise<Reply> {
  const { operation, incoming, payload } = request;
  refuseUnsupportedHeaders(request.headers);
  if (operations[operation].body === "none") {
    if (incoming.isPresent) {
      throw s3Error("InvalidRequest", undefined, {
        reason: "unexpected_body",
        message: `${operation} takes no body.`,
      });
    }
    requireEmpty(payload);
  }
  return handlers[operation](request, engine);
}
