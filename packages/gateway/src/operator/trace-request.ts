import type { IncomingHttpHeaders } from "node:http";
import type { RequestRecord } from "../options.ts";
import { parseTraceparent, type TraceContext } from "./trace-context.ts";

/** Attributes of a span. */
type SpanAttributes = Record<string, string | number | boolean>;

/** What is used of a span of `@opentelemetry/api`. */
export interface RequestSpan {
  spanContext(): TraceContext;
  updateName(name: string): unknown;
  setAttributes(attributes: SpanAttributes): unknown;
  addEvent(name: string): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** What tracers read of a context of `@opentelemetry/api`, which here has nothing but the span that a request came from. */
export interface ParentContext {
  getValue(key: symbol): unknown;
  setValue(key: symbol, value: unknown): ParentContext;
  deleteValue(key: symbol): ParentContext;
}

/** What is used of a tracer of `@opentelemetry/api`. */
export interface RequestTracer {
  startSpan(
    name: string,
    options: { readonly kind: number; readonly attributes: SpanAttributes },
    context: ParentContext,
  ): RequestSpan;
}

// Of the API's SpanKind and SpanStatusCode, whose numbers are part of its contract.
const serverKind = 1;
const errorStatus = 2;

/** The API makes its keys so that copies of it agree on them: `createContextKey` is `Symbol.for`. */
const spanKey = Symbol.for("OpenTelemetry Context Key SPAN");

/** A span of one request, a child of the one that the client's headers name. Its name follows when the operation is known. */
export function beginSpan(
  tracer: RequestTracer,
  { method, headers }: { readonly method: string; readonly headers: IncomingHttpHeaders },
): RequestSpan {
  const parent = parseTraceparent(headers["traceparent"]);
  const values = new Map(parent === undefined ? [] : [[spanKey, remoteSpan(parent)] as const]);
  const attributes = {
    "rpc.system": "aws-api",
    "rpc.service": "S3",
    "http.request.method": method,
  };
  return tracer.startSpan("S3", { kind: serverKind, attributes }, contextOf(values));
}

/** Ends it with what the record says; of a key nothing, for it may be personal data. */
export function endSpan(span: RequestSpan, record: RequestRecord): void {
  const { operation, bucket, status, code, reason, requestId, upstream, aborted } = record;
  span.updateName(`S3.${operation}`);
  span.setAttributes({
    "rpc.method": operation,
    "http.response.status_code": status,
    "aws.request_id": requestId,
    "http.request.body.size": record.bytesIn,
    "http.response.body.size": record.bytesOut,
    ...(bucket !== undefined && { "aws.s3.bucket": bucket }),
    ...(upstream !== undefined && { "holdfast.upstream": upstream }),
    ...(record.tenant !== undefined && { "holdfast.tenant": record.tenant }),
    ...(code !== undefined && { "error.type": code }),
    ...(reason !== undefined && { "holdfast.reason": reason }),
    ...(aborted && { "holdfast.aborted": true }),
  });
  // By OpenTelemetry's rules a request that was wrong is no error of the server's span.
  if (status >= 500 || (aborted && code !== undefined)) {
    span.setStatus({ code: errorStatus, ...(code !== undefined && { message: code }) });
  }
  span.end();
}

/** A span of somebody else's, which nothing can be added to here. */
function remoteSpan(parent: TraceContext): Pick<RequestSpan, "spanContext"> {
  return { spanContext: () => ({ ...parent, isRemote: true }) };
}

function contextOf(values: ReadonlyMap<symbol, unknown>): ParentContext {
  return {
    getValue: (key) => values.get(key),
    setValue: (key, value) => contextOf(new Map([...values, [key, value]])),
    deleteValue: (key) => contextOf(new Map([...values].filter(([own]) => own !== key))),
  };
}
