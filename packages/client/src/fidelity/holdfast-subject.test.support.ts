import { childNamed, childText, childrenNamed, unquoteEtag } from "@holdfast/protocol";
import { toReplayableBody } from "../bodies/to-replayable-body.ts";
import { S3Client } from "../client.ts";
import { S3Error } from "../errors/s3-error.ts";
import { bucket, type Subject, type SubjectSettings, type ToldFailure } from "./subject.test.support.ts"; // prettier-ignore

/** Holdfast's own client. */
export function openHoldfastSubject(settings: SubjectSettings): Subject {
  const client = new S3Client({ ...settings, checksums: "always" });
  const told: unknown[] = [];
  return {
    told,
    get: async (key, call) => {
      const answer = await client.send({
        operation: "GetObject",
        method: "GET",
        bucket,
        key,
        idempotent: true,
        answer: "stream",
        accepts: [304],
        headers: { "if-none-match": call?.ifNoneMatch },
        signal: call?.signal,
      });
      return answer.status === 304 ? "not modified" : answer.body?.text();
    },
    head: async (key) => {
      const answer = await client.send({
        operation: "HeadObject",
        method: "HEAD",
        bucket,
        key,
        idempotent: true,
      });
      return Number(answer.headers["content-length"]);
    },
    put: async (key, body, call) => {
      const answer = await client.send({
        operation: "PutObject",
        method: "PUT",
        bucket,
        key,
        idempotent: true,
        body: await toReplayableBody(body),
        headers: { "if-none-match": call?.ifNoneMatch },
        signal: call?.signal,
      });
      return unquoteEtag(answer.headers["etag"] ?? "");
    },
    copy: async (key, source) => {
      const answer = await client.send({
        operation: "CopyObject",
        method: "PUT",
        bucket,
        key,
        idempotent: true,
        headers: { "x-amz-copy-source": `${bucket}/${source}` },
        answer: "CopyObjectResult",
      });
      return unquoteEtag((answer.document && childText(answer.document, "ETag")) || "");
    },
    complete: async (key, uploadId) => {
      const answer = await client.send({
        operation: "CompleteMultipartUpload",
        method: "POST",
        query: [["uploadId", uploadId]],
        bucket,
        key,
        idempotent: true,
        answer: "CompleteMultipartUploadResult",
      });
      return unquoteEtag((answer.document && childText(answer.document, "ETag")) || "");
    },
    list: async () => {
      const answer = await client.send({
        operation: "ListObjectsV2",
        method: "GET",
        query: [["list-type", "2"]],
        bucket,
        idempotent: true,
        answer: "ListBucketResult",
      });
      return (
        answer.document &&
        childrenNamed(answer.document, "Contents").map((c) => childText(c, "Key"))
      );
    },
    describe,
    close: async () => client[Symbol.asyncDispose](),
  };
}

function describe(error: unknown): ToldFailure {
  if (!S3Error.is(error)) return untyped(error);
  return {
    class: error.name,
    code: error.errorCode,
    status: error.statusCode,
    retryable: error.retryable,
    attempts: error.attempts,
    phase: error.phase,
    codeInferred: error.codeInferred,
    ambiguous: error.ambiguous,
    requestId: error.requestId,
    retryAfter: error.retryAfter,
  };
}

/** What no client of ours should throw: shown as it is. */
function untyped(error: unknown): ToldFailure {
  return {
    class: `untyped ${String(error)}`,
    code: "",
    status: undefined,
    retryable: false,
    attempts: 0,
    phase: undefined,
    codeInferred: false,
    ambiguous: false,
    requestId: undefined,
    retryAfter: undefined,
  };
}
