import type { Engine } from "@holdfast/engine";
import { operations, s3Error } from "@holdfast/protocol";
import { requireEmpty } from "../body/empty.ts";
import type { Authorized, Reply } from "../context.ts";
import type { Upstreams } from "../options.ts";
import { refuseUnsupportedHeaders } from "../handlers/supported-headers.ts";
import { handlers } from "../handlers/table.ts";

/** Where requests are carried out. */
interface Backends {
  readonly engine: Engine;
  readonly upstreams: Upstreams | undefined;
}

/**
 * Runs the operation against the engine, or has the bucket's upstream run it. Nothing that a request asks for is silently
 * left out.
 */
export function execute(request: Authorized, { engine, upstreams }: Backends): Promise<Reply> {
  const { attachment, operation, incoming, payload } = request;
  if (attachment !== undefined) {
    if (upstreams === undefined) throw s3Error("NoSuchBucket", { BucketName: request.bucket });
    return upstreams.forward(request, attachment);
  }
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
