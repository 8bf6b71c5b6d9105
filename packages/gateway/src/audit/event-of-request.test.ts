import { expect, test } from "vitest";
import { operations } from "@holdfast/protocol";
import type { RequestRecord } from "../options.ts";
import { eventOfRequest } from "./event-of-request.ts";

const plain: RequestRecord = {
  event: "request",
  time: 0,
  requestId: "1",
  address: "::1",
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
