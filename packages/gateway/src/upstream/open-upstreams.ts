import { operations, renderResult, s3Error } from "@holdfast/protocol";
import type { Attachment } from "../access/control.ts";
import type { Authorized, Reply, UpstreamTrace } from "../context.ts";
import type { Upstreams } from "../options.ts";
import { xmlReply } from "../handlers/xml-reply.ts";
import { outgoingHeaders } from "./outgoing-headers.ts";
import { prepareBody } from "./prepare-body.ts";
import { readReply } from "./read-reply.ts";
import { Upstream, type Told } from "./upstream.ts";
import type { UpstreamConfig } from "./upstream-config.ts";

/** Upstreams, until they are closed. */
export interface OpenUpstreams extends Upstreams {
  /** Ends every connection, whatever it carries. */
  close(): Promise<void>;
}

interface UpstreamsOptions {
  /** Milliseconds since 1970, for signatures; the wall clock unless a test passes another. */
  readonly now?: () => number;
  /** Hears of each try, as it ends or its answer begins. Must not throw. */
  readonly told?: Told;
}

/** Gets ready to forward; connections are made when they are needed. Throws a TypeError for an endpoint that is no URL. */
export function openUpstreams(
  configs: readonly UpstreamConfig[],
  { now = Date.now, told = () => {} }: UpstreamsOptions = {},
): OpenUpstreams {
  const upstreams = new Map(
    configs.map((config) => [config.name, new Upstream(config, { now, told })]),
  );
  return {
    forward: (request, attachment) =>
      forward(request, upstreams.get(attachment.upstream), attachment),
    close: async () => {
      await Promise.all([...upstreams.values()].map((upstream) => upstream.close()));
    },
  };
}

/** Carries a request out at an upstream. */
async function forward(
  request: Authorized,
  upstream: Upstream | undefined,
  attachment: Attachment,
): Promise<Reply> {
  const { operation } = request;
  if (upstream === undefined) {
    throw s3Error("ServiceUnavailable", undefined, { reason: "upstream_not_configured" });
  }
  if (operation === "DeleteBucket") throw attachedBucket();
  const { isSecure, region, takesTrailers } = upstream;
  const headers = outgoingHeaders(request, isSecure);
  const body = await prepareBody(request, { isSecure, region, takesTrailers });
  const { refused } = body;
  if (refused.length > 0 && !body.isRewritten)
    return xmlReply(renderResult("DeleteResult", refused));
  if (body.isRewritten) dropDigests(headers);
  const { method } = operations[operation];
  const isRead = method === "GET" || method === "HEAD";
  const trace: UpstreamTrace = { attempts: 0 };
  request.trace = trace;
  const answer = await upstream.send({ request, attachment, headers, body, isRead, trace });
  for (let index = 0; index < answer.headers.length; index += 2) {
    if (answer.headers[index] === "x-amz-request-id") trace.requestId = answer.headers[index + 1];
  }
  return readReply(answer, { request, refused });
}

/** What the client computed of its own document does not hold for the one that goes on instead; both are bound by the signature. */
function dropDigests(headers: Record<string, string>): void {
  for (const name of Object.keys(headers)) {
    const isDigest = name.startsWith("x-amz-checksum-") || name === "content-md5";
    if (isDigest || name === "x-amz-sdk-checksum-algorithm") delete headers[name];
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
