/** One panel of the dashboard. */
interface Panel {
  readonly title: string;
  /** Of the values, as Grafana names it. */
  readonly unit: string;
  /** Each query, and what its lines are called. */
  readonly queries: readonly (readonly [expression: string, legend: string])[];
}

/** The rows of the dashboard, from what an operator asks first. */
export const dashboard: readonly (readonly [row: string, panels: readonly Panel[]])[] = [
  [
    "At a glance",
    [
      {
        title: "Requests by operation",
        unit: "reqps",
        queries: [
          ["sum by (operation) (rate(holdfast_requests_total[$__rate_interval]))", "{{operation}}"],
        ],
      },
      {
        title: "Faults of the server",
        unit: "reqps",
        queries: [
          [
            'sum by (status) (rate(holdfast_requests_total{status=~"5.."}[$__rate_interval]))',
            "{{status}}",
          ],
        ],
      },
      {
        title: "Is it ready",
        unit: "bool_yes_no",
        queries: [
          ["holdfast_ready", "{{part}}"],
          ["holdfast_writable", "takes writes"],
        ],
      },
      {
        title: "Duration, 50 % and 99 %",
        unit: "s",
        queries: [
          [
            "histogram_quantile(0.5, sum by (le, operation) (rate(holdfast_request_duration_seconds_bucket[$__rate_interval])))",
            "50 % {{operation}}",
          ],
          [
            "histogram_quantile(0.99, sum by (le, operation) (rate(holdfast_request_duration_seconds_bucket[$__rate_interval])))",
            "99 % {{operation}}",
          ],
        ],
      },
      {
        title: "Bytes in and out",
        unit: "Bps",
        queries: [
          ["sum(rate(holdfast_request_bytes_total[$__rate_interval]))", "in"],
          ["sum(rate(holdfast_response_bytes_total[$__rate_interval]))", "out"],
        ],
      },
      {
        title: "Under way",
        unit: "short",
        queries: [
          ["holdfast_requests_in_flight", "requests"],
          ["holdfast_connections", "connections"],
          ["holdfast_connections_max", "connections at most"],
        ],
      },
    ],
  ],
  [
    "Who is refused",
    [
      {
        title: "Refusals by reason",
        unit: "reqps",
        queries: [
          [
            "sum by (code, reason) (rate(holdfast_refusals_total[$__rate_interval]))",
            "{{code}} {{reason}}",
          ],
          [
            "sum by (reason) (rate(holdfast_tls_handshake_failures_total[$__rate_interval]))",
            "no TLS: {{reason}}",
          ],
        ],
      },
      {
        title: "Not believed",
        unit: "reqps",
        queries: [
          [
            "sum by (reason) (rate(holdfast_s3_auth_failure_total[$__rate_interval]))",
            "{{reason}}",
          ],
        ],
      },
      {
        title: "Out of scope, and without a signature",
        unit: "reqps",
        queries: [
          ["rate(holdfast_s3_scope_violation_total[$__rate_interval])", "out of scope"],
          [
            "sum by (reason) (rate(holdfast_s3_anonymous_reject_total[$__rate_interval]))",
            "anonymous: {{reason}}",
          ],
        ],
      },
      {
        title: "Told to slow down",
        unit: "reqps",
        queries: [
          ["sum by (reason) (rate(holdfast_rate_limited_total[$__rate_interval]))", "{{reason}}"],
        ],
      },
    ],
  ],
  [
    "Upstreams and quotas",
    [
      {
        title: "Upstream, 99 % to the head of an answer",
        unit: "s",
        queries: [
          [
            "histogram_quantile(0.99, sum by (le, upstream) (rate(holdfast_upstream_duration_seconds_bucket[$__rate_interval])))",
            "{{upstream}}",
          ],
        ],
      },
      {
        title: "Upstream failures",
        unit: "reqps",
        queries: [
          [
            "sum by (upstream, kind) (rate(holdfast_upstream_failures_total[$__rate_interval]))",
            "{{upstream}} {{kind}}",
          ],
        ],
      },
      {
        title: "Upstreams that answer",
        unit: "bool_yes_no",
        queries: [["holdfast_upstream_up", "{{upstream}}"]],
      },
      {
        title: "Quota in use",
        unit: "percentunit",
        queries: [
          ["max by (bucket) (holdfast_quota_used_bytes / holdfast_quota_hard_bytes)", "{{bucket}}"],
        ],
      },
    ],
  ],
  [
    "Records and the process",
    [
      {
        title: "Audit events",
        unit: "cps",
        queries: [
          ["sum by (kind) (rate(holdfast_audit_events_total[$__rate_interval]))", "{{kind}}"],
          ["sum(rate(holdfast_audit_dropped_total[$__rate_interval]))", "dropped"],
        ],
      },
      {
        title: "Audit, waiting for the disk",
        unit: "short",
        queries: [
          ["holdfast_audit_waiting_events", "events"],
          ["rate(holdfast_audit_write_failures_total[$__rate_interval])", "failures in a second"],
        ],
      },
      {
        title: "Event loop delay",
        unit: "s",
        queries: [["holdfast_event_loop_delay_seconds", "{{quantile}}"]],
      },
      {
        title: "Processor and memory",
        unit: "short",
        queries: [
          ["rate(process_cpu_seconds_total[$__rate_interval])", "processors"],
          ["process_resident_memory_bytes / 1024 / 1024", "MiB"],
          ["process_open_fds", "descriptors"],
        ],
      },
      {
        title: "What the limiters and caches remember",
        unit: "short",
        queries: [
          ["holdfast_limiter_entries", "{{limiter}}"],
          ["holdfast_cache_entries", "{{cache}}"],
        ],
      },
    ],
  ],
];

/** One rule that wakes somebody up, or tells them in the morning. */
interface Alert {
  readonly name: string;
  readonly expression: string;
  readonly for: string;
  readonly severity: "page" | "ticket";
  readonly summary: string;
}

/** What an operator should not have to look for. */
export const alerts: readonly Alert[] = [
  {
    name: "HoldfastSyncFailed",
    expression: "increase(holdfast_sync_failures_total[10m]) > 0",
    for: "0m",
    severity: "page",
    summary: "The disk failed to keep what it was given; nothing is acknowledged until a restart.",
  },
  {
    name: "HoldfastNotWritable",
    expression: "holdfast_writable == 0",
    for: "1m",
    severity: "page",
    summary: "The engine takes no writes.",
  },
  {
    name: "HoldfastNotReady",
    expression: 'holdfast_ready{part=~"control|audit|listener"} == 0',
    for: "2m",
    severity: "page",
    summary: "The part {{ $labels.part }} is not able to do its work.",
  },
  {
    name: "HoldfastServerFaults",
    expression:
      'sum(rate(holdfast_requests_total{status=~"5..",status!="503"}[5m])) / sum(rate(holdfast_requests_total[5m])) > 0.01',
    for: "5m",
    severity: "page",
    summary: "More than one request in a hundred fails by the server's own fault.",
  },
  {
    name: "HoldfastAuthFailures",
    expression:
      "sum(rate(holdfast_s3_auth_failure_total[5m])) > 1 and sum(rate(holdfast_s3_auth_failure_total[5m])) > 5 * sum(rate(holdfast_s3_auth_failure_total[1d]))",
    for: "5m",
    severity: "ticket",
    summary: "Failures to authenticate come five times as often as on an average day.",
  },
  {
    name: "HoldfastQuotaNearlyFull",
    expression: "holdfast_quota_used_bytes / holdfast_quota_hard_bytes > 0.9",
    for: "15m",
    severity: "ticket",
    summary: "The bucket {{ $labels.bucket }} holds more than 90 % of its quota.",
  },
  {
    name: "HoldfastAuditDropped",
    expression: "increase(holdfast_audit_dropped_total[10m]) > 0",
    for: "0m",
    severity: "page",
    summary:
      "Events of the kind {{ $labels.kind }} are missing in the audit: the disk is too slow for them.",
  },
  {
    name: "HoldfastAuditNotWritten",
    expression: "increase(holdfast_audit_write_failures_total[10m]) > 0",
    for: "5m",
    severity: "page",
    summary: "The disk does not take the audit.",
  },
  {
    name: "HoldfastUpstreamDown",
    expression: "holdfast_upstream_up == 0",
    for: "1m",
    severity: "page",
    summary: "The upstream {{ $labels.upstream }} does not answer.",
  },
  {
    name: "HoldfastConnectionsRefused",
    expression: "increase(holdfast_connections_refused_total[10m]) > 0",
    for: "0m",
    severity: "ticket",
    summary: "Connections were refused for want of descriptors; raise LimitNOFILE.",
  },
];
