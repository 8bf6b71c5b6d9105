import type { OperationContext } from "../errors/s3-error.ts";
import type { S3Event } from "./event.ts";
import type { EventHook } from "./events.ts";

/** Attributes of a span or of an event on it. */
export type SpanAttributes = Record<string, string | number | boolean>;

/** What is used of a span of `@opentelemetry/api`. */
export interface OperationSpan {
  setAttributes(attributes: SpanAttributes): unknown;
  addEvent(name: string, attributes?: SpanAttributes): unknown;
  setStatus(status: { code: number; message?: string }): unknown;
  end(): void;
}

/** What is used of a tracer of `@opentelemetry/api`. */
export interface OperationTracer {
  startSpan(name: string, options?: { kind?: number; attributes?: SpanAttributes }): OperationSpan;
}

/** What spans may say. */
export interface TraceOperationsOptions {
  /** Whether spans name keys, which may be personal data; false by default. */
  readonly keys?: boolean | undefined;
}

// Of the API's SpanKind and SpanStatusCode, whose numbers are part of its contract.
const clientKind = 2;
const errorStatus = 2;

/**
 * A hook that makes a span of each operation, a child of the span that is active where the operation is called, with an
 * event for each attempt and retry. Names and attributes are OpenTelemetry's for S3.
 */
export function traceOperations(
  tracer: OperationTracer,
  options: TraceOperationsOptions = {},
): EventHook {
  const { keys = false } = options;
  const spans = new Map<number, OperationSpan>();
  return (event) => {
    if (event.type === "breaker" || event.type === "progress") return;
    if (event.type === "request") {
      const attributes = attributesOf(event.context, keys);
      const name = `S3.${event.context.operation}`;
      spans.set(event.id, tracer.startSpan(name, { kind: clientKind, attributes }));
      return;
    }
    const span = spans.get(event.id);
    if (span === undefined) return;
    note(span, event, keys);
    if (event.type !== "response" && event.type !== "error") return;
    spans.delete(event.id);
    span.end();
  };
}

type SpanEvent = Extract<S3Event, { readonly id: number }>;

function note(span: OperationSpan, event: SpanEvent, keys: boolean): void {
  switch (event.type) {
    case "attempt":
      span.addEvent("attempt", {
        "http.request.method": event.method,
        "s3.attempt": event.attempt,
      });
      break;
    case "retry":
      span.addEvent("retry", {
        "error.type": event.errorCode,
        "s3.attempt": event.attempt,
        "s3.retry_delay_ms": event.delayMs,
        ...answered(event),
      });
      break;
    case "response":
      span.setAttributes({
        "http.request.resend_count": Math.max(0, event.attempts - 1),
        ...answered(event),
      });
      break;
    case "error": {
      const { errorCode, message, attempts, statusCode, requestId, hostId } = event.error;
      span.setAttributes({
        "error.type": errorCode,
        "http.request.resend_count": Math.max(0, attempts - 1),
        ...answered({ statusCode, requestId }),
        ...(hostId !== undefined && { "aws.extended_request_id": hostId }),
      });
      // The sentence names the key.
      span.setStatus({ code: errorStatus, message: keys ? message : errorCode });
      break;
    }
    case "request":
      break;
  }
}

function answered({
  statusCode,
  requestId,
}: {
  readonly statusCode: number | undefined;
  readonly requestId: string | undefined;
}): SpanAttributes {
  return {
    ...(statusCode !== undefined && { "http.response.status_code": statusCode }),
    ...(requestId !== undefined && { "aws.request_id": requestId }),
  };
}

function attributesOf(context: OperationContext, keys: boolean): SpanAttributes {
  const { operation, bucket, key, region, endpoint } = context;
  return {
    "rpc.system": "aws-api",
    "rpc.service": "S3",
    "rpc.method": operation,
    ...(bucket !== undefined && { "aws.s3.bucket": bucket }),
    ...(keys && key !== undefined && { "aws.s3.key": key }),
    ...(region !== undefined && { "cloud.region": region }),
    ...(endpoint !== undefined && addressOf(endpoint)),
  };
}

function addressOf(endpoint: string): SpanAttributes {
  if (!URL.canParse(endpoint)) return {};
  const { hostname, port, protocol } = new URL(endpoint);
  const usual = protocol === "https:" ? 443 : 80;
  return { "server.address": hostname, "server.port": port === "" ? usual : Number(port) };
}
