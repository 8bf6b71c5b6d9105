import { hash } from "node:crypto";
import { childText, childrenNamed, parseCopyRange, readXml, s3Error } from "@holdfast/protocol";
import { readDocumentBytes } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { parsePartNumber } from "../handlers/part-number.ts";
import { openUpload } from "../handlers/upload-body.ts";
import type { Upstreams } from "../options.ts";
import type { Outcome } from "./ledger.ts";
import type { Change, Quotas, Standing } from "./quotas.ts";
import type { Shelf } from "./shelf.ts";
import { objectSlot, partSlot, uploadSlot } from "./slot.ts";

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
      const plan = await planOf(request, quotas.shelfOf(request.bucket));
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

/** Undefined for what changes nothing that is counted. */
async function planOf(request: Authorized, shelf: Shelf): Promise<Plan | undefined> {
  const { bucket, key, operation } = request;
  const object = objectSlot(bucket, key);
  const upload = { bucket, key, uploadId: request.query.get("uploadId") ?? "" };
  switch (operation) {
    case "PutObject": {
      const bytes = openUpload(request).size;
      return { request, change: { slots: [object], bytes }, outcome: { bytes } };
    }
    case "UploadPart": {
      const bytes = openUpload(request).size;
      return { request, change: { slots: [partOf(request, upload)], bytes }, outcome: { bytes } };
    }
    case "CopyObject": {
      const bytes = await copiedBytes(request, shelf);
      return { request, change: { slots: [object], bytes }, outcome: "unknown" };
    }
    case "UploadPartCopy": {
      const bytes = await copiedBytes(request, shelf);
      return { request, change: { slots: [partOf(request, upload)], bytes }, outcome: "unknown" };
    }
    case "DeleteObject":
      return { request, change: { slots: [object], bytes: 0 }, outcome: { bytes: 0 } };
    case "DeleteObjects":
      return planOfDeletions(request);
    case "CompleteMultipartUpload": {
      const slots = [object, uploadSlot(upload)] as const;
      return { request, change: { slots, bytes: 0 }, outcome: "unknown" };
    }
    case "AbortMultipartUpload":
      return { request, change: { slots: [uploadSlot(upload)], bytes: 0 }, outcome: "unknown" };
    default:
      return undefined;
  }
}

function partOf(
  { query }: Authorized,
  upload: Parameters<typeof partSlot>[0],
): ReturnType<typeof partSlot> {
  return partSlot(upload, parsePartNumber(query.get("partNumber") ?? ""));
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
