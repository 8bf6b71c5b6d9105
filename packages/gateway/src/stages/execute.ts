import type { Engine } from "@holdfast/engine";
import { operations, s3Error, type OperationName } from "@holdfast/protocol";
import type { Control } from "../access/control.ts";
import { requireEmpty } from "../body/empty.ts";
import type { Authorized, Reply } from "../context.ts";
import type { Upstreams } from "../options.ts";
import { forwardPost } from "../post/forward-post.ts";
import { refuseMovedHeaders, refuseUnsupportedHeaders } from "../handlers/supported-headers.ts";
import { handlers, isSetting, settings } from "../handlers/table.ts";

/** Where requests are carried out. */
interface Backends {
  readonly engine: Engine;
  readonly upstreams: Upstreams | undefined;
  readonly control: Control;
}

/**
 * Runs the operation against the engine, or has the bucket's upstream run it. Nothing that a request asks for is silently
 * left out.
 */
export async function execute(request: Authorized, backends: Backends): Promise<Reply> {
  const reply = await carryOut(request, backends);
  const { operation, bucket } = request;
  if (bucketIsNew.has(operation) && reply.status < 300) {
    await forgetSettings(bucket, backends.control);
  }
  return reply;
}

async function carryOut(request: Authorized, backends: Backends): Promise<Reply> {
  const { engine, upstreams, control } = backends;
  const { attachment, operation } = request;
  refuseCopyBetweenServers(request);
  refuseMovedHeaders(request.query);
  if (attachment !== undefined && !isSetting(operation)) {
    if (upstreams === undefined) throw s3Error("NoSuchBucket", { BucketName: request.bucket });
    refuseUnexpectedBody(request);
    const forward = (one: Authorized): Promise<Reply> => upstreams.forward(one, attachment);
    return operation === "PostObject" ? forwardPost(request, forward) : forward(request);
  }
  refuseUnsupportedHeaders(request.headers);
  refuseUnexpectedBody(request);
  if (isSetting(operation)) {
    if (attachment === undefined) await engine.headBucket(request.bucket);
    return settings[operation](request, control);
  }
  return handlers[operation](request, engine, control);
}

/** After these, what was set for a bucket of this name was not set for the one that is, or may yet be. */
const bucketIsNew: ReadonlySet<OperationName> = new Set(["CreateBucket", "DeleteBucket"]);

async function forgetSettings(bucket: string, control: Control): Promise<void> {
  if (control.cors(bucket) !== undefined) await control.setCors(bucket, undefined);
}

/** What one of them has, the other cannot read: a bucket of the same name there would be another one. */
function refuseCopyBetweenServers({ copyOrigin, attachment }: Authorized): void {
  if (copyOrigin === undefined) return;
  if (copyOrigin.attachment?.upstream === attachment?.upstream) return;
  throw s3Error("NotImplemented", undefined, {
    message: "An object cannot be copied from a bucket that another server keeps.",
    extra: { Header: "x-amz-copy-source" },
    reason: "copy_between_servers",
  });
}

function refuseUnexpectedBody({ operation, incoming, payload }: Authorized): void {
  if (operations[operation].body === "none") {
    if (incoming.isPresent) {
      throw s3Error("InvalidRequest", undefined, {
        reason: "unexpected_body",
        message: `${operation} takes no body.`,
      });
    }
    requireEmpty(payload);
  }
}
