import {
  S3Client,
  S3Error,
  copyObject,
  getObject,
  headObject,
  listObjects,
  completeMultipartUpload,
  putObject,
  type S3Event,
} from "@holdfast/client";
import { bucket, type Subject, type SubjectCall, type SubjectSettings, type ToldFailure } from "./subject.ts"; // prettier-ignore

/** Holdfast's own client, as anyone would use it. */
export function openHoldfastSubject(settings: SubjectSettings): Subject {
  const told: unknown[] = [];
  const onEvent = (event: S3Event): unknown => told.push(event);
  const client = new S3Client({ ...settings, checksums: "always", onEvent });
  return {
    told,
    get: (key, call) => get(client, key, call),
    head: async (key) => {
      const described = await headObject(client, { bucket, key });
      return described.contentLength;
    },
    put: async (key, body, call) => {
      const { etag } = await putObject(client, { bucket, key, body, ...call });
      return etag;
    },
    copy: async (key, source) => {
      const { etag } = await copyObject(client, {
        bucket,
        key,
        copySource: { bucket, key: source },
      });
      return etag;
    },
    complete: async (key, uploadId) => {
      const parts = [{ partNumber: 1, etag: "d41d8cd98f00b204e9800998ecf8427e" }];
      const { etag } = await completeMultipartUpload(client, { bucket, key, uploadId, parts });
      return etag;
    },
    list: async () => {
      const { contents } = await listObjects(client, { bucket }).page();
      return contents.map(({ key }) => key);
    },
    describe,
    close: async () => client[Symbol.asyncDispose](),
  };
}

async function get(client: S3Client, key: string, call?: SubjectCall): Promise<string> {
  const object = await getObject(client, { bucket, key, ...call });
  return object.notModified ? "not modified" : object.body.text();
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
    delays: error.history.flatMap(({ delayMs }) => delayMs ?? []),
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
    delays: [],
  };
}
