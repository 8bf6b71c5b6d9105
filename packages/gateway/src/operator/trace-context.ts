/** Where a request stands in a trace that others began, as W3C Trace Context has it. */
export interface TraceContext {
  /** 32 digits of hexadecimal, not all of them 0. */
  readonly traceId: string;
  /** 16 digits of hexadecimal, not all of them 0. */
  readonly spanId: string;
  /** Of its bits only the lowest has a meaning: that the trace is recorded. */
  readonly traceFlags: number;
}

/** `ff` is no version; `00` has nothing behind its flags, and later ones may have. */
const form =
  /^(?!ff)(?:00-(?=.{52}$)|(?!00)[0-9a-f]{2}-)([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(?:-.*)?$/;
const isNothing = /^0+$/;

/** What a `traceparent` says; undefined for one that says nothing, which a receiver has to ignore. */
export function parseTraceparent(
  header: string | readonly string[] | undefined,
): TraceContext | undefined {
  if (typeof header !== "string" || header.length > 128) return undefined;
  const [, traceId = "0", spanId = "0", flags = ""] = form.exec(header) ?? [];
  if (isNothing.test(traceId) || isNothing.test(spanId)) return undefined;
  return { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & 1 };
}

export function formatTraceparent({ traceId, spanId, traceFlags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${(traceFlags & 1).toString(16).padStart(2, "0")}`;
}
