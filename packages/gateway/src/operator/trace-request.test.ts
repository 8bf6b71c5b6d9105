import { afterEach, expect, test } from "vitest";
import { traceparentOf } from "../upstream/outgoing-headers.ts";
import { parseTraceparent, formatTraceparent, type TraceContext } from "./trace-context.ts";
import type { RequestSpan, RequestTracer } from "./trace-request.ts";
import { startWatched, type Watched } from "./watched-gateway.test.support.ts";

const spanKey = Symbol.for("OpenTelemetry Context Key SPAN");
const parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
const own: TraceContext = {
  traceId: "4bf92f3577b34da6a3ce929d0e0e4736",
  spanId: "b7ad6b7169203331",
  traceFlags: 1,
};

const open: Watched[] = [];

afterEach(async () => {
  await Promise.all(open.splice(0).map((watched) => watched.close()));
});

/** A tracer that keeps all it is told. */
function recorder(): { readonly tracer: RequestTracer; readonly told: unknown[] } {
  const told: unknown[] = [];
  const span: RequestSpan = {
    spanContext: () => own,
    updateName: (name) => told.push(["name", name]),
    setAttributes: (attributes) => told.push(["attributes", attributes]),
    addEvent: (name) => told.push(["event", name]),
    setStatus: (status) => told.push(["status", status]),
    end: () => told.push(["end"]),
  };
  const tracer: RequestTracer = {
    startSpan: (name, { kind, attributes }, context) => {
      const from = context.getValue(spanKey);
      const isSpan = typeof from === "object" && from !== null && "spanContext" in from;
      const remote =
        isSpan && typeof from.spanContext === "function" ? from.spanContext() : undefined;
      told.push(["start", name, kind, attributes, remote]);
      return span;
    },
  };
  return { tracer, told };
}

test("a request is one span, a child of the client's, with an event for each stage it passed", async () => {
  const { tracer, told } = recorder();
  const watched = await startWatched({ tracer });
  open.push(watched);
  await watched.engine.createBucket("photos");
  const options = { method: "PUT", body: "12345", headers: { traceparent: parent } };
  await (await watched.signed("/photos/secret-name", options)).arrayBuffer();
  await expect.poll(() => told.at(-1)).toEqual(["end"]);
  const [record] = watched.records;
  expect(told).toEqual([
    [
      "start",
      "S3",
      1,
      { "rpc.system": "aws-api", "rpc.service": "S3", "http.request.method": "PUT" },
      { ...parseTraceparent(parent), isRemote: true },
    ],
    ["event", "routed"],
    ["event", "authenticated"],
    ["event", "authorized"],
    ["event", "admitted"],
    ["event", "executed"],
    ["name", "S3.PutObject"],
    [
      "attributes",
      {
        "rpc.method": "PutObject",
        "http.response.status_code": 200,
        "aws.request_id": record?.requestId,
        "http.request.body.size": 5,
        "http.response.body.size": 0,
        "aws.s3.bucket": "photos",
        "holdfast.tenant": "acme",
      },
    ],
    ["end"],
  ]);
  expect(record?.traceId).toBe(own.traceId);
});

test("a refused request's span ends with its code and after the stages that it passed, and is no error", async () => {
  const { tracer, told } = recorder();
  const watched = await startWatched({ tracer });
  open.push(watched);
  await (await fetch(`${watched.gateway.endpoint}/photos/key`)).arrayBuffer();
  await expect.poll(() => told.at(-1)).toEqual(["end"]);
  expect(told.map((one) => (Array.isArray(one) ? one.slice(0, 2) : one))).toMatchObject([
    ["start", "S3"],
    ["event", "routed"],
    ["name", "S3.GetObject"],
    ["attributes", { "error.type": "AccessDenied", "http.response.status_code": 403 }],
    ["end"],
  ]);
  expect(told[0]).toMatchObject(["start", "S3", 1, {}, undefined]);
});

test.each([
  ["", "nothing"],
  ["00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7", "no flags"],
  [`00-${"0".repeat(32)}-00f067aa0ba902b7-01`, "no trace"],
  [`00-4bf92f3577b34da6a3ce929d0e0e4736-${"0".repeat(16)}-01`, "no span"],
  ["ff-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "a version that is none"],
  [`${parent}-more`, "more than its version has"],
  [parent.toUpperCase(), "capitals"],
  [`01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${"x".repeat(200)}`, "too much"],
])("the traceparent %j, which has %s, is ignored", (header) => {
  expect(parseTraceparent(header)).toBeUndefined();
});

test("a traceparent is read and written alike, and of a later version what this one knows", () => {
  const context = parseTraceparent(parent);
  expect(context && formatTraceparent(context)).toBe(parent);
  const later = parseTraceparent(`cc${parent.slice(2)}-what-comes`);
  expect(later).toEqual(context);
  expect(parseTraceparent([parent, parent])).toBeUndefined();
});

test("an upstream is told the gateway's part of the trace, or the client's where nobody traces, and no nonsense", () => {
  const { tracer } = recorder();
  const nowhere = {
    getValue: () => undefined,
    setValue: () => nowhere,
    deleteValue: () => nowhere,
  };
  const span = tracer.startSpan("S3", { kind: 1, attributes: {} }, nowhere);
  const told = (header: string, by?: RequestSpan): string | undefined =>
    traceparentOf({ headers: { traceparent: header }, span: by }).traceparent;
  expect(told(parent, span)).toBe(formatTraceparent(own));
  expect(told(parent)).toBe(parent);
  expect(told("nonsense\u0000")).toBeUndefined();
});
