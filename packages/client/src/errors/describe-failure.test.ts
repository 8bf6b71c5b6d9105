import { expect, test, vi } from "vitest";
import { describeFailure } from "./describe-failure.ts";
import { toS3Error } from "./to-s3-error.ts";

test("a report has all that an operation knew of its failure, as plain data", () => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12) });
  try {
    const error = toS3Error(
      {
        code: "ECONNRESET",
        phase: "headers",
        cause: new Error("read", {
          cause: Object.assign(new Error("reset"), { code: "ECONNRESET" }),
        }),
      },
      {
        context: {
          operation: "PutObject",
          bucket: "photos",
          key: "cat.jpg",
          region: "eu-west-1",
          endpoint: "http://127.0.0.1:9000",
        },
        ambiguous: true,
        history: [
          { attempt: 1, errorCode: "SlowDown", statusCode: 503, requestId: "R1", delayMs: 800 },
          { attempt: 2, errorCode: "ECONNRESET" },
        ],
      },
    );
    const report = describeFailure(error);
    expect(JSON.parse(JSON.stringify(report))).toMatchObject({
      timestamp: "2026-11-21T12:00:00.000Z",
      operation: "PutObject",
      bucket: "photos",
      key: "cat.jpg",
      error: {
        name: "S3TransportError",
        errorCode: "ECONNRESET",
        ambiguous: true,
        phase: "headers",
      },
      causes: [
        { name: "Error", message: "read" },
        { name: "Error", code: "ECONNRESET", message: "reset" },
      ],
      attempts: [
        { attempt: 1, errorCode: "SlowDown", statusCode: 503, requestId: "R1", delayMs: 800 },
        { attempt: 2, errorCode: "ECONNRESET" },
      ],
      client: { region: "eu-west-1", endpoint: "http://127.0.0.1:9000", version: "0.1.0" },
      node: process.versions.node,
    });
    expect(report.error.stack).toContain("describe-failure.test");
    expect(structuredClone(report)).toEqual(report);
  } finally {
    vi.useRealTimers();
  }
});

test("whatever was thrown has a report", () => {
  const hostile = new Proxy(
    {},
    {
      get: () => {
        throw new Error("no");
      },
      getPrototypeOf: () => {
        throw new Error("no");
      },
      has: () => {
        throw new Error("no");
      },
    },
  );
  for (const thrown of [
    undefined,
    null,
    "text",
    7,
    {},
    Symbol("s"),
    hostile,
    Object.create(null),
  ]) {
    expect(describeFailure(thrown)).toMatchObject({ attempts: [], operation: undefined });
  }
  const other = Object.assign(new TypeError("x?X-Amz-Signature=0123456789abcdef"), { code: "EX" });
  const report = describeFailure(other);
  expect(report.error).toMatchObject({
    name: "TypeError",
    errorCode: "EX",
    message: "x?X-Amz-Signature=[redacted]",
  });
  expect(JSON.stringify(report)).not.toContain("0123456789abcdef");
});
