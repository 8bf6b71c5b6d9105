import { authFailures } from "@holdfast/protocol";
import { anonymousRejects } from "../access/anonymous-rejects.ts";
import { auditKinds } from "../audit/audit-event.ts";
import { handshakeFailures } from "../http/handshake-failures.ts";
import { rateLimitReasons } from "./counted-reasons.ts";
import { codeValues, operationValues, statusValues } from "./label-values.ts";
import type { FailureKind } from "../upstream/upstream-failure.ts";
import type { MetricRow } from "./metric-row.ts";

/** From half a millisecond, which a small object takes, to what a large one takes on a slow line. */
const durationBuckets = [
  0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

const upstream = { of: "names of upstreams in the configuration", most: 64 };
const failureKinds = [
  "broken",
  "nonsense",
  "timeout",
  "unreachable",
] as const satisfies readonly FailureKind[];
const quotaBucket = { of: "buckets that have a quota", most: 1000 };
/** Every metric. The text, the page and what the dashboard and the alerts may ask for derive from it. */
export const metricTable = {
  holdfast_build_info: {
    type: "gauge",
    help: "Always 1; the labels say what runs.",
    labels: {
      version: { of: "the version of Holdfast", most: 1 },
      node: { of: "the version of Node", most: 1 },
    },
  },
  holdfast_requests_total: {
    type: "counter",
    help: "Requests that were answered or broken off.",
    labels: { operation: operationValues, status: statusValues },
  },
  holdfast_refusals_total: {
    type: "counter",
    help: "Refused and failed requests. An upstream's own refusals have the reason of their code.",
    labels: { code: codeValues, reason: { of: "reasons, which are words of ours", most: 512 } },
  },
  holdfast_request_duration_seconds: {
    type: "histogram",
    help: "From the head of a request to the end of its answer.",
    labels: { operation: operationValues },
    buckets: durationBuckets,
  },
  holdfast_request_bytes_total: {
    type: "counter",
    help: "Bytes of bodies that came in.",
    labels: { operation: operationValues },
  },
  holdfast_response_bytes_total: {
    type: "counter",
    help: "Bytes of bodies that went out.",
    labels: { operation: operationValues },
  },
  holdfast_requests_aborted_total: {
    type: "counter",
    help: "Answers that did not reach their end: the client left, or a body was cut on purpose.",
    labels: {},
  },
  holdfast_requests_in_flight: {
    type: "gauge",
    help: "Requests between their head and the end of their answer.",
    labels: {},
  },
  holdfast_s3_auth_failure_total: {
    type: "counter",
    help: "Requests that were not believed.",
    labels: { reason: Object.keys(authFailures) },
  },
  holdfast_s3_scope_violation_total: {
    type: "counter",
    help: "Requests of a credential for what is not in its scope.",
    labels: {},
  },
  holdfast_s3_anonymous_reject_total: {
    type: "counter",
    help: "Requests without a signature that were refused.",
    labels: { reason: Object.keys(anonymousRejects) },
  },
  holdfast_rate_limited_total: {
    type: "counter",
    help: "Requests refused with SlowDown, by which limit they met.",
    labels: { reason: rateLimitReasons },
  },
  holdfast_limiter_entries: {
    type: "gauge",
    help: "Callers that a limiter remembers; it forgets some before it passes its bound.",
    labels: { limiter: { of: "limiters", most: 16 } },
  },
  holdfast_cache_entries: {
    type: "gauge",
    help: "Entries of a cache in memory.",
    labels: { cache: { of: "caches", most: 16 } },
  },
  holdfast_upstream_duration_seconds: {
    type: "histogram",
    help: "From a request to an upstream to the head of its answer.",
    labels: { upstream },
    buckets: durationBuckets,
  },
  holdfast_upstream_failures_total: {
    type: "counter",
    help: "Requests to an upstream that it did not answer as a server of S3 does.",
    labels: { upstream, kind: failureKinds },
  },
  holdfast_upstream_up: {
    type: "gauge",
    help: "1 while the last request to the upstream was answered, 0 while it was not.",
    labels: { upstream },
  },
  holdfast_quota_used_bytes: {
    type: "gauge",
    help: "What is stored in a bucket that has a quota, and what is reserved for uploads under way.",
    labels: { bucket: quotaBucket },
  },
  holdfast_quota_soft_bytes: {
    type: "gauge",
    help: "From where on uploads are warned.",
    labels: { bucket: quotaBucket },
  },
  holdfast_quota_hard_bytes: {
    type: "gauge",
    help: "What may not be passed.",
    labels: { bucket: quotaBucket },
  },
  holdfast_audit_events_total: {
    type: "counter",
    help: "Events that are in the audit, on stable storage.",
    labels: { kind: auditKinds },
  },
  holdfast_audit_dropped_total: {
    type: "counter",
    help: "Events that are not in the audit, because the disk was slower than they came.",
    labels: { kind: auditKinds },
  },
  holdfast_audit_waiting_events: {
    type: "gauge",
    help: "Events that are not yet on stable storage.",
    labels: {},
  },
  holdfast_audit_bytes: {
    type: "gauge",
    help: "What the audit takes on the disk.",
    labels: {},
  },
  holdfast_audit_write_failures_total: {
    type: "counter",
    help: "Batches that the disk did not take; they are tried again.",
    labels: {},
  },
  holdfast_ready: {
    type: "gauge",
    help: "Whether a part is able to do its work, as /readyz says.",
    labels: { part: { of: "parts that are checked", most: 16 } },
  },
  holdfast_writable: {
    type: "gauge",
    help: "1 while the engine takes writes.",
    labels: {},
  },
  holdfast_sync_failures_total: {
    type: "counter",
    help: "Failures of the disk to keep what it was given.",
    labels: {},
  },
  holdfast_connections: { type: "gauge", help: "Connections that are served.", labels: {} },
  holdfast_connections_max: {
    type: "gauge",
    help: "How many can be served at a time.",
    labels: {},
  },
  holdfast_connections_refused_total: {
    type: "counter",
    help: "Connections that were one too many.",
    labels: {},
  },
  holdfast_tls_handshake_failures_total: {
    type: "counter",
    help: "TLS handshakes that came to nothing, so that no request was read.",
    labels: { listener: ["admin", "s3"], reason: handshakeFailures },
  },
  holdfast_event_loop_delay_seconds: {
    type: "gauge",
    help: "How late the event loop was since metrics were last asked for.",
    labels: { quantile: ["0.5", "0.99", "1"] },
  },
  process_cpu_seconds_total: {
    type: "counter",
    help: "Time on processors, of this process and the system for it.",
    labels: {},
  },
  process_resident_memory_bytes: { type: "gauge", help: "Memory in use.", labels: {} },
  process_start_time_seconds: { type: "gauge", help: "When the process began.", labels: {} },
  process_open_fds: { type: "gauge", help: "Files and connections that are open.", labels: {} },
  process_max_fds: {
    type: "gauge",
    help: "How many files and connections may be open.",
    labels: {},
  },
} as const satisfies Readonly<Record<string, MetricRow>>;

export type MetricName = keyof typeof metricTable;

/** The labels of a metric, each with a value. */
export type LabelsOf<Name extends MetricName> = {
  readonly [Label in keyof (typeof metricTable)[Name]["labels"]]: string;
};

type NamesOf<Type extends MetricRow["type"]> = {
  [Name in MetricName]: (typeof metricTable)[Name]["type"] extends Type ? Name : never;
}[MetricName];

export type CounterName = NamesOf<"counter">;
export type GaugeName = NamesOf<"gauge">;
export type HistogramName = NamesOf<"histogram">;
