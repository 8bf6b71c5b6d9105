import { expect, test } from "vitest";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { S3Event } from "./event.ts";
import { traceOperations, type OperationSpan, type OperationTracer } from "./trace-operations.ts";

const context = {
  operation: "GetObject",
  bucket: "photos",
  key: "cat.jpg",
  region: "eu-west-1",
  endpoint: "https://s3.example",
};
const of = { id: 7, context };

/** A tracer that keeps all it is told. */
function recorder(): { tracer: OperationTracer; told: unknown[] } {
  const told: unknown[] = [];
  const span: OperationSpan = {
    setAttributes: (attributes) => told.push(["attributes", attributes]),
    addEvent: (name, attributes) => told.push(["event", name, attributes]),
    setStatus: (status) => told.push(["status", status]),
    end: () => told.push(["end"]),
  };
  const tracer: OperationTracer = {
    startSpan: (name, options) => {
      told.push(["start", name, options]);
      return span;
    },
  };
  return { tracer, told };
}

const retry: S3Event = {
  type: "retry",
  ...of,
  attempt: 1,
  errorCode: "SlowDown",
  statusCode: 503,
  requestId: "R1",
  retry: "throttling",
  delayMs: 40,
};

test("an operation is one span from its request to its response, with its attempts as events", () => {
  const { tracer, told } = recorder();
  const hook = traceOperations(tracer);
  hook({ type: "request", ...of });
  hook({ type: "attempt", ...of, attempt: 1, method: "GET", path: "/photos/cat.jpg" });
  hook(retry);
  hook({ type: "progress", context, transferredBytes: 1, totalBytes: 2 });
  hook({ type: "response", ...of, statusCode: 200, requestId: "R2", attempts: 2, elapsedMs: 9 });
  hook(retry);
  expect(told).toEqual([
    [
      "start",
      "S3.GetObject",
      {
        kind: 2,
        attributes: {
          "rpc.system": "aws-api",
          "rpc.service": "S3",
          "rpc.method": "GetObject",
          "aws.s3.bucket": "photos",
          "cloud.region": "eu-west-1",
          "server.address": "s3.example",
          "server.port": 443,
        },
      },
    ],
    ["event", "attempt", { "http.request.method": "GET", "s3.attempt": 1 }],
    [
      "event",
      "retry",
      {
        "error.type": "SlowDown",
        "s3.attempt": 1,
        "s3.retry_delay_ms": 40,
        "http.response.status_code": 503,
        "aws.request_id": "R1",
      },
    ],
    [
      "attributes",
      {
        "http.request.resend_count": 1,
        "http.response.status_code": 200,
        "aws.request_id": "R2",
      },
    ],
    ["end"],
  ]);
});

test("a failed operation ends its span with its code, and no span names a key unless told to", () => {
  const error = toS3Error(
    { code: "NoSuchKey", status: 404, requestId: "R1", hostId: "H1" },
    { context, history: [{ attempt: 1, errorCode: "NoSuchKey" }], ambiguous: false },
  );
  const plain = recorder();
  const naming = recorder();
  for (const hook of [
    traceOperations(plain.tracer),
    traceOperations(naming.tracer, { keys: true }),
  ]) {
    hook({ type: "request", ...of });
    hook({ type: "error", ...of, error, elapsedMs: 9 });
  }
  expect(plain.told.slice(1)).toEqual([
    [
      "attributes",
      {
        "error.type": "NoSuchKey",
        "http.request.resend_count": 0,
        "http.response.status_code": 404,
        "aws.request_id": "R1",
        "aws.extended_request_id": "H1",
      },
    ],
    ["status", { code: 2, message: "NoSuchKey" }],
    ["end"],
  ]);
  expect(JSON.stringify(plain.told)).not.toContain("cat.jpg");
  expect(JSON.stringify(naming.told)).toContain('"aws.s3.key":"cat.jpg"');
});

test("operations that overlap have a span each, and none is kept after its end", () => {
  const started: string[] = [];
  const ended: string[] = [];
  const hook = traceOperations({
    startSpan: (name) => {
      started.push(name);
      const nothing = (): void => {};
      return {
        setAttributes: nothing,
        addEvent: nothing,
        setStatus: nothing,
        end: () => ended.push(name),
      };
    },
  });
  const other = { id: 8, context: { operation: "PutObject" } };
  const answer = {
    type: "response",
    statusCode: 200,
    requestId: undefined,
    attempts: 1,
    elapsedMs: 1,
  } as const;
  hook({ type: "request", ...of });
  hook({ type: "request", ...other });
  hook({ ...answer, ...other });
  hook({ ...answer, ...of });
  hook({ ...answer, ...of });
  expect([started, ended]).toEqual([
    ["S3.GetObject", "S3.PutObject"],
    ["S3.PutObject", "S3.GetObject"],
  ]);
});
