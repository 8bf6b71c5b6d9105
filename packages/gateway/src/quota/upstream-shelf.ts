import { childrenNamed, childText, readXml, S3Error, type OperationName, type XmlElement } from "@holdfast/protocol"; // prettier-ignore
import type { Attachment } from "../access/control.ts";
import { Scope } from "../access/scope.ts";
import type { Authorized, Reply } from "../context.ts";
import { newRequestId } from "../http/request-id.ts";
import type { Upstreams } from "../options.ts";
import type { Shelf } from "./shelf.ts";

interface UpstreamShelf {
  readonly upstreams: Upstreams;
  readonly attachmentOf: (bucket: string) => Attachment | undefined;
}

/** One question of our own, in the words of a request that was let through. */
interface Question {
  readonly operation: OperationName;
  readonly method: "GET" | "HEAD";
  readonly bucket: string;
  readonly key?: string;
  readonly query?: Readonly<Record<string, string>>;
}

/** What a request that came whole may take at an upstream once its gateway is gone, to be on the safe side. */
const lagMs = 2000;
const missing: ReadonlySet<string> = new Set(["NoSuchKey", "NoSuchBucket", "NoSuchUpload"]);

/** The upstreams of attached buckets, asked by S3's own operations what they hold. */
export function upstreamShelf(options: UpstreamShelf): Shelf {
  const ask = (question: Question): Promise<Reply | undefined> => askUpstream(options, question);
  const document = async (question: Question): Promise<XmlElement | undefined> => {
    const reply = await ask(question);
    return reply === undefined ? undefined : readXml(bytesOf(reply), xmlLimits);
  };
  const listParts = (
    { bucket, key, uploadId }: Parameters<Shelf["parts"]>[0],
    more: Readonly<Record<string, string>>,
  ): Promise<XmlElement | undefined> => {
    const query = { uploadId, ...more };
    return document({ operation: "ListParts", method: "GET", bucket, key, query });
  };
  return {
    lagMs,
    async objectBytes(bucket, key) {
      const reply = await ask({ operation: "HeadObject", method: "HEAD", bucket, key });
      return reply === undefined ? 0 : sizeIn(reply.headers?.["content-length"]);
    },
    async partBytes(upload, partNumber) {
      const page = { "part-number-marker": String(partNumber - 1), "max-parts": "1" };
      return readParts(await listParts(upload, page)).get(partNumber) ?? 0;
    },
    async parts(upload) {
      const all = new Map<number, number>();
      for (let marker: string | undefined = "0"; marker !== undefined;) {
        const page: XmlElement | undefined = await listParts(upload, {
          "part-number-marker": marker,
        });
        for (const [partNumber, size] of readParts(page)) all.set(partNumber, size);
        marker = nextOf(page, "NextPartNumberMarker");
      }
      return all;
    },
    async objects(bucket, after) {
      const query = { "list-type": "2", "encoding-type": "url", "start-after": after };
      const page = await document({ operation: "ListObjectsV2", method: "GET", bucket, query });
      const objects = namedIn(page, "Contents").map((object) => ({
        key: keyIn(object, "Key"),
        size: sizeIn(childText(object, "Size")),
      }));
      return { objects, next: isTruncated(page) ? objects.at(-1)?.key : undefined };
    },
    async uploads(bucket, { keyMarker, uploadIdMarker }) {
      const markers = { "key-marker": keyMarker, "upload-id-marker": uploadIdMarker };
      const query = { uploads: "", "encoding-type": "url", ...(keyMarker === "" ? {} : markers) };
      const page = await document({ operation: "ListMultipartUploads", method: "GET", bucket, query }); // prettier-ignore
      const uploads = namedIn(page, "Upload").map((upload) => ({
        bucket,
        key: keyIn(upload, "Key"),
        uploadId: childText(upload, "UploadId") ?? "",
      }));
      const last = uploads.at(-1);
      if (last === undefined || !isTruncated(page)) return { uploads };
      return { uploads, next: { keyMarker: last.key, uploadIdMarker: last.uploadId } };
    },
  };
}

/** A page of 1000 keys, every byte of them escaped, and what stands around them. */
const xmlLimits = { bytesMax: 8 * 1024 * 1024, nodesMax: 50_000 };

/** Undefined for what is not there, and for a bucket that nobody keeps any more. */
async function askUpstream(
  { upstreams, attachmentOf }: UpstreamShelf,
  question: Question,
): Promise<Reply | undefined> {
  const attachment = attachmentOf(question.bucket);
  if (attachment === undefined) return undefined;
  try {
    return await upstreams.forward(asRequest(question, attachment), attachment);
  } catch (error) {
    if (S3Error.is(error) && missing.has(error.code)) return undefined;
    throw error;
  }
}

function asRequest(
  { operation, method, bucket, key = "", query = {} }: Question,
  attachment: Attachment,
): Authorized {
  return {
    requestId: newRequestId(),
    receivedAt: Date.now(),
    address: "",
    isSecure: false,
    method,
    target: "",
    rawHeaders: [],
    headers: {},
    incoming: nothing,
    operation,
    bucket,
    key,
    query: new Map(Object.entries(query)),
    principal: { kind: "anonymous" },
    accessKeyId: undefined,
    region: "",
    payload: { kind: "unsigned" },
    authorized: true,
    attachment,
    scope: everything,
    copyOrigin: undefined,
  };
}

const everything = new Scope("all");

const nothing: Authorized["incoming"] = {
  contentLength: 0,
  isPresent: false,
  bytesRead: 0,
  async *[Symbol.asyncIterator]() {},
};

function bytesOf({ body = "" }: Reply): Buffer {
  if (typeof body === "string") return Buffer.from(body);
  if (Buffer.isBuffer(body)) return body;
  throw new TypeError("a listing came as a stream");
}

function namedIn(page: XmlElement | undefined, name: string): readonly XmlElement[] {
  return page === undefined ? [] : childrenNamed(page, name);
}

function readParts(page: XmlElement | undefined): ReadonlyMap<number, number> {
  return new Map(
    namedIn(page, "Part").map((part) => [
      sizeIn(childText(part, "PartNumber")),
      sizeIn(childText(part, "Size")),
    ]),
  );
}

function isTruncated(page: XmlElement | undefined): boolean {
  return page !== undefined && childText(page, "IsTruncated") === "true";
}

function nextOf(page: XmlElement | undefined, name: string): string | undefined {
  return page !== undefined && isTruncated(page) ? childText(page, name) : undefined;
}

/** As `encoding-type=url` has it. */
function keyIn(element: XmlElement, name: string): string {
  return decodeURIComponent((childText(element, name) ?? "").replaceAll("+", " "));
}

function sizeIn(text: string | undefined): number {
  if (text !== undefined && /^\d{1,15}$/.test(text)) return Number(text);
  throw new TypeError("an upstream does not tell a size");
}
