import { operations, s3Error } from "@holdfast/protocol";
import type { Attachment } from "../access/control.ts";
import type { Authorized, Reply, UpstreamTrace } from "../context.ts";
import type { Upstreams } from "../options.ts";
import { outgoingHeaders } from "./outgoing-headers.ts";
import { prepareBody } from "./prepare-body.ts";
import { readReply } from "./read-reply.ts";
import { remoteCopySource, type AttachmentOf } from "./remote-target.ts";
import { Upstream } from "./upstream.ts";
import type { UpstreamConfig } from "./upstream-config.ts";

/** Upstreams, until they are closed. */
export interface OpenUpstreams extends Upstreams {
  /** Ends every connection, whatever it carries. */
  close(): Promise<void>;
}

interface UpstreamsOptions {
  /** Where the source of a copy is. */
  readonly attachmentOf: AttachmentOf;
  /** Milliseconds since 1970, for signatures; the wall clock unless a test passes another. */
  readonly now?: () => number;
}

/** Gets ready to forward; connections are made when they are needed. Throws a TypeError for an endpoint that is no URL. */
export function openUpstreams(
  configs: readonly UpstreamConfig[],
  { attachmentOf, now = Date.now }: UpstreamsOptions,
): OpenUpstreams {
  const upstreams = new Map(configs.map((config) => [config.name, new Upstream(config, now)]));
  return {
    forward: (request, attachment) => {
      const upstream = upstreams.get(attachment.upstream);
      return forward(request, { upstream, attachment, attachmentOf });
    },
    close: async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}

interface Way {
  readonly upstream: Upstream | undefined;
  readonly attachment: Attachment;
  readonly attachmentOf: AttachmentOf;
}

/** Carries a request out at an upstream. */
async function forward(
  request: Authorized,
  { upstream, attachment, attachmentOf }: Way,
): Promise<Reply> {
  const { operation } = request;
  if (upstream === undefined) {
    throw s3Error("ServiceUnavailable", undefined, { reason: "upstream_not_configured" });
  }
  if (operation === "DeleteBucket") throw attachedBucket();
  const { isSecure, config } = upstream;
  const headers = outgoingHeaders(request, isSecure);
  headers["accept-encoding"] = request.headers["accept-encoding"]?.toString() ?? "identity";
  if (request.headers["x-amz-copy-source"] !== undefined) {
    headers["x-amz-copy-source"] = remoteCopySource(request, attachment, attachmentOf);
  }
  const terms = { isSecure, region: config.region, takesTrailers: config.checksumTrailers ?? true };
  const body = await prepareBody(request, terms);
  const { verb } = operations[operation];
  const isRead = verb === "read" || verb === "list";
  const trace: UpstreamTrace = { upstream: config.name, attempts: 0, headMs: 0 };
  request.trace = trace;
  const startedAt = performance.now();
  try {
    const answer = await upstream.send({ request, attachment, headers, body, isRead, trace });
    for (let index = 0; index < answer.headers.length; index += 2) {
      if (answer.headers[index] === "x-amz-request-id") trace.requestId = answer.headers[index + 1];
    }
    return await readReply(answer, request);
  } finally {
    trace.headMs = performance.now() - startedAt;
  }
}

/**
 * The bucket stays where it is while it is attached: one that is gone could be made again by a stranger, who would then be
 * sent what its tenants store.
 */
function attachedBucket(): Error {
  return s3Error(
    "MethodNotAllowed",
    { Method: "DELETE", ResourceType: "BUCKET" },
    {
      message:
        "The bucket is attached from another store; it is detached before it is deleted there.",
      reason: "attached_bucket",
    },
  );
}
