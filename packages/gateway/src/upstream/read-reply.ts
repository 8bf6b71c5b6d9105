import type { OperationName, XmlField } from "@holdfast/protocol";
import type { Authorized, Reply, ReplyStream } from "../context.ts";
import { noteFailures } from "../handlers/delete-objects.ts";
import { locationReply } from "../handlers/get-bucket-location.ts";
import type { AnswerBody } from "./answer-body.ts";
import { AnswerHead } from "./answer-head.ts";
import type { Answer } from "./endpoint.ts";
import { mapDocument } from "./map-document.ts";
import { lateRefusal, readRefusal } from "./read-refusal.ts";
import { badGateway, errorOfFailure } from "./upstream-errors.ts";
import { UpstreamFailure } from "./upstream-failure.ts";

/** A page of 1000 keys of 1 KiB each, every byte of them escaped, and what stands around them. */
const documentBytesMax = 8 * 1024 * 1024;
const errorBytesMax = 64 * 1024;
/** A body up to this size is had whole before the first byte of the answer: should it break off, that is an error, not a broken connection. */
const wholeBytesMax = 64 * 1024;

/** What a success is made of. */
type Shape = "bytes" | "head" | "document" | "nothing";

const shapes: ReadonlyMap<OperationName, Shape> = new Map([
  ["GetObject", "bytes"],
  ["HeadObject", "head"],
  ["HeadBucket", "head"],
  ["AbortMultipartUpload", "nothing"],
  ["CreateBucket", "nothing"],
  ["DeleteObject", "nothing"],
  ["PutObject", "nothing"],
  ["UploadPart", "nothing"],
]);

/** Operations whose success has an entity tag: without one, whoever answered 200 did not do it. */
const tagged: ReadonlySet<OperationName> = new Set([
  "GetObject",
  "HeadObject",
  "PutObject",
  "UploadPart",
]);

/** What was asked, and what the client is told beside the answer. */
interface Asked {
  readonly request: Authorized;
  readonly refused: readonly XmlField[];
}

/** Turns an upstream's answer into the client's. Rejects with the `S3Error` that the answer states, or `BadGateway`. */
export async function readReply(answer: Answer, asked: Asked): Promise<Reply> {
  try {
    return await read(answer, asked);
  } catch (cause) {
    answer.body.cancel();
    if (cause instanceof UpstreamFailure) throw errorOfFailure(cause);
    throw cause;
  }
}

async function read(answer: Answer, asked: Asked): Promise<Reply> {
  const head = new AnswerHead(answer);
  const { status } = head;
  const { request } = asked;
  const { operation } = request;
  if (status === 304 && (operation === "GetObject" || operation === "HeadObject")) {
    answer.body.cancel();
    return { status, headers: head.forwarded };
  }
  if (status >= 300) {
    const body = await answer.body.gather(errorBytesMax);
    throw readRefusal(head, body ?? Buffer.alloc(0), request);
  }
  if (status !== 200 && status !== 204 && status !== 206) throw badGateway("upstream_malformed");
  if (tagged.has(operation) && head.value("etag") === undefined) {
    throw badGateway("upstream_malformed");
  }
  return readSuccess(head, answer.body, asked);
}

async function readSuccess(head: AnswerHead, body: AnswerBody, asked: Asked): Promise<Reply> {
  const { status } = head;
  const { request } = asked;
  const { forwarded: headers } = head;
  switch (shapes.get(request.operation) ?? "document") {
    case "bytes":
      return { status, headers, body: await readBytes(head, body) };
    case "head": {
      const length = head.value("content-length");
      if (request.operation === "HeadBucket") headers["x-amz-bucket-region"] = request.region;
      else if (length !== undefined) headers["content-length"] = length;
      return { status, headers };
    }
    case "nothing": {
      const rest = await body.gather(errorBytesMax);
      if (rest === undefined || rest.toString("latin1").trim() !== "") {
        throw badGateway("upstream_malformed");
      }
      if (request.operation === "CreateBucket") headers["location"] = `/${request.bucket}`;
      return { status, headers };
    }
    case "document":
      return readDocument(head, body, asked);
  }
}

async function readDocument(
  head: AnswerHead,
  body: AnswerBody,
  { request, refused }: Asked,
): Promise<Reply> {
  const bytes = await body.gather(documentBytesMax);
  if (bytes === undefined) throw badGateway("upstream_answer_too_large");
  const { document, errorCode, failures } = mapDocument(bytes, request, refused);
  if (errorCode !== undefined) throw lateRefusal(errorCode);
  noteFailures(request, failures);
  if (request.operation === "GetBucketLocation") return locationReply(request.region);
  const headers = { ...head.forwarded, "content-type": "application/xml" };
  return { status: head.status, headers, body: document };
}

async function readBytes(head: AnswerHead, body: AnswerBody): Promise<Buffer | ReplyStream> {
  const length = head.contentLength;
  if (length !== undefined && length <= wholeBytesMax) {
    return (await body.gather(wholeBytesMax)) ?? Buffer.alloc(0);
  }
  const stream: ReplyStream = {
    length,
    read: () => body.read(),
    close: async () => body.cancel(),
  };
  return stream;
}
