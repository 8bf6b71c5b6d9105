import { expect, test } from "vitest";
import { toS3Error } from "../errors/to-s3-error.ts";
import type { S3Event } from "./event.ts";
import { logEvents, type EventLogger } from "./log-events.ts";

const context = { operation: "GetObject", bucket: "photos", key: "a\nb" };
const of = { id: 1, context };

function failed(code: string, status?: number): S3Event {
  const error = toS3Error({ code, status }, { context, history: [], ambiguous: false });
  return { type: "error", ...of, error, elapsedMs: 3 };
}

const lines: readonly (readonly [level: string, text: string, event: S3Event])[] = [
  ["debug", "GetObject photos/a b: begins", { type: "request", ...of }],
  [
    "debug",
    "GetObject photos/a b: attempt 2: GET /photos/a%0Ab",
    { type: "attempt", ...of, attempt: 2, method: "GET", path: "/photos/a%0Ab" },
  ],
  [
    "warn",
    "GetObject photos/a b: attempt 1 failed with SlowDown; the next in 41 ms",
    {
      type: "retry",
      ...of,
      attempt: 1,
      errorCode: "SlowDown",
      statusCode: 503,
      requestId: "R1",
      retry: "throttling",
      delayMs: 40.7,
    },
  ],
  [
    "debug",
    "GetObject photos/a b: 200 after 12 ms",
    { type: "response", ...of, statusCode: 200, requestId: "R2", attempts: 2, elapsedMs: 12.3 },
  ],
  [
    "debug",
    "GetObject photos/a b: 5 of unknown bytes",
    { type: "progress", context, transferredBytes: 5, totalBytes: undefined },
  ],
  [
    "warn",
    "The circuit breaker of http://a: open",
    { type: "breaker", change: "open", name: "http://a", retryAfter: 5, causes: [] },
  ],
  [
    "info",
    "The circuit breaker of http://a: close",
    { type: "breaker", change: "close", name: "http://a", retryAfter: undefined, causes: [] },
  ],
  [
    "info",
    "GetObject photos/a b failed with NoSuchKey (404): The service gave no reason.",
    failed("NoSuchKey", 404),
  ],
  [
    "info",
    "GetObject photos/a b failed with Aborted: The caller's signal ended the operation.",
    failed("Aborted"),
  ],
  [
    "error",
    "GetObject photos/a b failed with InternalError (500): The service gave no reason.",
    failed("InternalError", 500),
  ],
  [
    "error",
    "GetObject photos/a b failed with IdleTimeout: No byte moved for too long.",
    failed("IdleTimeout"),
  ],
];

test.each(lines)("%s: %s", (level, text, event) => {
  const written: unknown[] = [];
  const write =
    (name: string) =>
    (first: unknown, second: unknown): void => {
      written.push([name, first, second]);
    };
  const logger: EventLogger = {
    debug: write("debug"),
    info: write("info"),
    warn: write("warn"),
    error: write("error"),
  };
  logEvents(logger)(event);
  logEvents(logger, { fieldsFirst: true })(event);
  expect(written).toEqual([
    [level, text, event],
    [level, event, text],
  ]);
});

test("the console is a logger", () => {
  expect(logEvents(console)).toBeTypeOf("function");
});
