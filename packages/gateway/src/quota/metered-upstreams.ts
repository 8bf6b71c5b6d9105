import { hash } from "node:crypto";
import { childText, childrenNamed, parseCopyRange, readXml, s3Error, type OperationName } from "@holdfast/protocol"; // prettier-ignore
import { readDocumentBytes } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { parsePartNumber } from "../handlers/part-number.ts";
import { openUpload } from "../handlers/upload-body.ts";
import type { Upstreams } from "../options.ts";
import type { Outcome } from "./ledger.ts";
import type { Change, Quotas, Standing } from "./quotas.ts";
import type { Shelf } from "./shelf.ts";
import { objectSlot, partSlot, uploadSlot, type Slot, type UploadName } from "./slot.ts";

/** Upstreams, and how the bucket stands behind the last write through them. */
export interface MeteredUpstreams extends Upstreams {
  readonly standing: () => Standing | undefined;
}

/** What a request is about to change, and what its success means for that. */
interface Plan {
  readonly request: Authorized;
  readonly change: Change;
  readonly outcome: Outcome;
}

/**
 * The upstreams, as a request to a bucket with a quota sees them: what adds bytes has them set aside before the upstream
 * hears of it, and all that changes what the bucket holds is counted before it is answered.
 */
export function meterUpstreams(upstreams: Upstreams, quotas: Quotas): MeteredUpstreams {
  let last: Standing | undefined;
  return {
    standing: () => last,
    async forward(request, attachment) {
      const plan = await planners[request.operation]?.(request, quotas.shelfOf(request.bucket));
      if (plan === undefined) return upstreams.forward(request, attachment);
      const { value, standing } = await quotas.write(plan.change, async () => ({
        value: await upstreams.forward(plan.request, attachment),
        outcome: plan.outcome,
      }));
      last = standing;
      // What the upstream had to do with it is told of the request that came.
      if (plan.request.trace !== undefined) request.trace = plan.request.trace;
      return value;
    },
  };
}

type Planner = (request: Authorized, shelf: Shelf) => Plan | Promise<Plan>;

/** The operations that change what is counted. */
const planners: Readonly<Partial<Record<OperationName, Planner>>> = {
  PutObject(request) {
    const bytes = openUpload(request).size;
    return { request, change: { slots: [objectOf(request)], bytes }, outcome: { bytes } };
  },
  UploadPart(request) {
    const bytes = openUpload(request).size;
    return { request, change: { slots: [partOf(request)], bytes }, outcome: { bytes } };
  },
  async CopyObject(request, shelf) {
    const bytes = await copiedBytes(request, shelf);
    return { request, change: { slots: [objectOf(request)], bytes }, outcome: "unknown" };
  },
  async UploadPartCopy(request, shelf) {
    const bytes = await copiedBytes(request, shelf);
    return { request, change: { slots: [partOf(request)], bytes }, outcome: "unknown" };
  },
  DeleteObject: (request) => ({
    request,
    change: { slots: [objectOf(request)], bytes: 0 },
    outcome: { bytes: 0 },
  }),
  DeleteObjects: (request) => planOfDeletions(request),
  CompleteMultipartUpload: (request) => ({
    request,
    change: { slots: [objectOf(request), uploadSlot(uploadOf(request))], bytes: 0 },
    outcome: "unknown",
  }),
  AbortMultipartUpload: (request) => ({
    request,
    change: { slots: [uploadSlot(uploadOf(request))], bytes: 0 },
    outcome: "unknown",
  }),
};

function objectOf({ bucket, key }: Authorized): Slot {
  return objectSlot(bucket, key);
}

function uploadOf({ bucket, key, query }: Authorized): UploadName {
  return { bucket, key, uploadId: query.get("uploadId") ?? "" };
}

function partOf(request: Authorized): Slot {
  return partSlot(uploadOf(request), parsePartNumber(request.query.get("partNumber") ?? ""));
}

/** What a copy will hold, of its source as it is now. */
async function copiedBytes({ copyOrigin, headers }: Authorized, shelf: Shelf): Promise<number> {
  if (copyOrigin === undefined) throw new TypeError("a copy was authorized without its source");
  const bytes = await shelf.objectBytes(copyOrigin.bucket, copyOrigin.key);
  const range = headers["x-amz-copy-source-range"];
  if (range === undefined || bytes === 0) return bytes;
  const { start, end } = parseCopyRange(String(range), bytes);
  return end - start + 1;
}

/** Which keys are deleted stands in the body, which is therefore read here and handed on as it was. */
async function planOfDeletions(request: Authorized): Promise<Plan> {
  const bytes = await readDocumentBytes(request, { digestRequired: true });
  if (bytes.length === 0) throw s3Error("MissingRequestBodyError");
  const objects = childrenNamed(readXml(bytes), "Object");
  const keys = new Set(objects.map((object) => childText(object, "Key") ?? ""));
  const [first, ...others] = Array.from(keys, (key) => objectSlot(request.bucket, key));
  if (first === undefined) throw s3Error("MalformedXML");
  const change = { slots: [first, ...others], bytes: 0 } as const;
  return { request: withBody(request, bytes), change, outcome: "unknown" };
}

/** The same request with a body that was read and verified. */
function withBody(request: Authorized, bytes: Buffer): Authorized {
  const headers = { ...request.headers };
  for (const name of framing) delete headers[name];
  headers["content-length"] = String(bytes.length);
  headers["content-md5"] = hash("md5", bytes, "base64");
  const incoming: Authorized["incoming"] = {
    contentLength: bytes.length,
    isPresent: true,
    bytesRead: bytes.length,
    async *[Symbol.asyncIterator]() {
      yield bytes;
    },
  };
  return { ...request, headers, incoming, payload: { kind: "unsigned" } };
}

/** How the body came, and what came behind it. */
const framing = [
  "content-encoding",
  "expect",
  "transfer-encoding",
  "x-amz-decoded-content-length",
  "x-amz-sdk-checksum-algorithm",
  "x-amz-trailer",
] as const;
