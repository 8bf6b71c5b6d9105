import type { OperationSpan, OperationTracer } from "@holdfast/client";
import type { StoreHook } from "./observation.ts";
import type { StoreEvent } from "./store-event.ts";

/** What spans may say. */
export interface TraceStoreOptions {
  /** Whether spans name paths, which may be personal data; false by default. */
  readonly paths?: boolean | undefined;
}

// Of the API's SpanKind and SpanStatusCode, whose numbers are part of its contract.
const clientKind = 2;
const errorStatus = 2;

/**
 * A hook for `observed` that makes a span of each call, a child of the span that is active where the method is called,
 * with any tracer of `@opentelemetry/api`.
 */
export function traceStore(
  tracer: OperationTracer,
  { paths = false }: TraceStoreOptions = {},
): StoreHook {
  const spans = new Map<number, OperationSpan>();
  return (event: StoreEvent) => {
    if (event.type === "start") {
      const { operation, backend, path, to } = event;
      const attributes = {
        "store.operation": operation,
        "store.backend": backend,
        ...(paths && { "store.path": path, ...(to !== undefined && { "store.to": to }) }),
      };
      spans.set(event.id, tracer.startSpan(`store.${operation}`, { kind: clientKind, attributes }));
      return;
    }
    const span = spans.get(event.id);
    spans.delete(event.id);
    if (span !== undefined) finish(span, event, paths);
  };
}

function finish(
  span: OperationSpan,
  event: Exclude<StoreEvent, { readonly type: "start" }>,
  paths: boolean,
): void {
  const { bytes, entries } = event;
  span.setAttributes({
    ...(bytes !== undefined && { "store.bytes": bytes }),
    ...(entries !== undefined && { "store.entries": entries }),
    ...(event.type === "error" && { "error.type": event.errorCode }),
  });
  if (event.type === "error") {
    // The sentence may name the path.
    const message = paths && event.error instanceof Error ? event.error.message : event.errorCode;
    span.setStatus({ code: errorStatus, message });
  }
  span.end();
}
