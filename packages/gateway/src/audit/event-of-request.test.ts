import { expect, test } from "vitest";
import { operations } from "@holdfast/protocol";
import type { RequestRecord } from "../options.ts";
import { eventOfRequest } from "./event-of-request.ts";

const plain: RequestRecord = {
  event: "request",
  time: 0,
  requestId: "R",
  address: "192.0.2.1",
  method: "GET",
  operation: "GetObject",
  status: 200,
  bytesIn: 0,
  bytesOut: 0,
  durationMs: 1,
  aborted: false,
};

test("a request that asks is a read, whatever verb it needs, and one that changes something a write", () => {
  const kinds = Object.entries(operations).map(([operation, { method }]) => {
    const event = eventOfRequest({ ...plain, operation, method }, { reads: true });
    return [operation, event?.kind];
  });
  const asks = Object.entries(operations).map(([operation, { method }]) => [operation, ["GET", "HEAD"].includes(method) ? "read" : "write"]); // prettier-ignore
  expect(kinds).toEqual(asks);
  expect(Object.fromEntries(kinds)).toMatchObject({ HeadBucket: "read", ListParts: "read", AbortMultipartUpload: "write" }); // prettier-ignore
});

test("a deletion of many that was granted in part is denied, though it is a success", () => {
  const deletion = { ...plain, operation: "DeleteObjects", method: "POST" };
  expect(eventOfRequest(deletion, { reads: false })?.kind).toBe("write");
  const denied = { ...deletion, code: "AccessDenied", reason: "scope_violation" };
  expect(eventOfRequest(denied, { reads: false })).toMatchObject({
    kind: "denied",
    status: 200,
    reason: "scope_violation",
  });
});

const kindOf = (record: Partial<RequestRecord>, reads = false): string | undefined =>
  eventOfRequest({ ...plain, ...record }, { reads })?.kind;

test.each([
  ["a read that succeeded", {}, undefined],
  ["a read whose client left", { aborted: true }, undefined],
  ["a read that need not be repeated", { status: 304, code: "NotModified" }, undefined],
  ["a preflight, which is no operation", { operation: "Unknown" }, undefined],
  ["a missing object", { status: 404, code: "NoSuchKey" }, "failed"],
  ["a refusal without a code, as a server far away gives it", { status: 403 }, "denied"],
  ["a refusal with a code that nobody knows", { status: 403, code: "Strange" }, "denied"],
  ["a request told to slow down", { status: 429, code: "SlowDown" }, "denied"],
  ["a failure of the server", { status: 500, code: "InternalError" }, "failed"],
  ["a body that was cut on purpose", { aborted: true, code: "InternalError" }, "failed"],
  ["a write", { operation: "PutObject" }, "write"],
  [
    "a write whose answer the client did not take",
    { operation: "PutObject", aborted: true },
    "write",
  ],
  ["a deletion", { operation: "DeleteObjects" }, "write"],
  ["a deletion granted in part", { operation: "DeleteObjects", code: "AccessDenied" }, "denied"],
  ["a change of a bucket", { operation: "CreateBucket" }, "write"],
] as const)("%s is told as it is", (_, record, kind) => {
  expect(kindOf(record)).toBe(kind);
});

test("reads are told where they are asked for, and listings with them", () => {
  expect([kindOf({}, true), kindOf({ operation: "ListObjectsV2" }, true)]).toEqual([
    "read",
    "read",
  ]);
});

test("an event has nothing of a stack, and says when an answer did not reach its end", () => {
  const failed = { ...plain, status: 500, code: "InternalError", cause: "Error: /secret/path" };
  const event = eventOfRequest({ ...failed, aborted: true }, { reads: false });
  expect(JSON.stringify(event)).not.toContain("secret");
  expect(event).toMatchObject({ aborted: true, code: "InternalError", requestId: "R" });
});
