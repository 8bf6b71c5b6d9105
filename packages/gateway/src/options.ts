import type { Engine, Health } from "@holdfast/engine";
import type { Attachment, Control } from "./access/control.ts";
import type { Principal } from "./access/credential.ts";
import type { Audit } from "./audit/audit-log.ts";
import type { TlsIdentity } from "./http/tls.ts";
import type { Metrics } from "./operator/metrics.ts";
import type { Page } from "./operator/page.ts";
import type { RequestTracer } from "./operator/trace-request.ts";
import type { PartCheck } from "./operator/readiness.ts";
import type { Authorized, Reply } from "./context.ts";
import type { RequestLimits } from "./limits/limits.ts";
import type { Quotas } from "./quota/quotas.ts";
import type { SoftQuota } from "./stages/settle.ts";

/** Which HTTP statuses errors carry: the documented ones, or exactly AWS's. */
export const statusProfiles = ["documented", "aws"] as const;
export type StatusProfile = (typeof statusProfiles)[number];

/** One finished request, as it stands in the log. Never holds a secret, a signature or a session token. */
export interface RequestRecord {
  readonly event: "request";
  /** When it came, in milliseconds since 1970. */
  readonly time: number;
  readonly requestId: string;
  /** Whom it came from, as far as trusted proxies vouch for it. */
  readonly address: string;
  readonly method: string;
  /** As classified; `Unknown` when the request fits no row of the table. */
  readonly operation: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** What a copy copies, as a bucket and a key with a slash between. */
  readonly copySource?: string | undefined;
  /** Absent while nobody has been established as the sender. */
  readonly principal?: Principal["kind"] | undefined;
  /** Also of who failed to prove it, as presented; one that is no key's is told by its hash. */
  readonly accessKeyId?: string | undefined;
  readonly tenant?: string | undefined;
  /** The upstream that keeps the bucket. */
  readonly upstream?: string | undefined;
  /** How the upstream names this request in its own records. */
  readonly upstreamRequestId?: string | undefined;
  readonly status: number;
  readonly code?: string | undefined;
  readonly reason?: string | undefined;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly durationMs: number;
  /** The answer did not reach its end: the peer went away, or a body was cut on purpose. */
  readonly aborted: boolean;
  /** Of the trace that the request belongs to, as 32 digits of hexadecimal. */
  readonly traceId?: string | undefined;
  /** Of an unexpected failure: its stack, for the operator. It never reaches the client. */
  readonly cause?: string | undefined;
}

/** The S3 servers behind this one. */
export interface Upstreams {
  /** Rejects with an `S3Error`; what the upstream answered is a reply, whatever its status. */
  forward(request: Authorized, attachment: Attachment): Promise<Reply>;
}

export interface GatewayOptions {
  readonly engine: Engine;
  /** Whether the engine takes writes: with it, `/-/health` and `/-/metrics` are answered. */
  readonly health?: () => Health;
  /** Where everything is counted; the gateway has its own unless others count in it, too. */
  readonly metrics?: Metrics;
  /** What `/readyz` asks beside the engine and the audit, such as the control plane and the upstreams. */
  readonly checks?: readonly PartCheck[];
  /** Gets every finished request; whoever opened it closes it, after the gateway. */
  readonly audit?: Pick<Audit, "request" | "state">;
  /** A tracer of OpenTelemetry's API, when requests are to be spans. */
  readonly tracer?: RequestTracer;
  /** What `holdfast_build_info` says. */
  readonly version?: string;
  /** Who may do what, and where the buckets are. */
  readonly control: Control;
  /** Carries out what is asked of buckets that are attached; without it there are none. */
  readonly upstreams?: Upstreams;
  /** Whether anyone may read the buckets that are bound so; nobody may unless told. */
  readonly anonymous?: boolean;
  /** The region that requests must be signed for. */
  readonly region: string;
  readonly statusProfile: StatusProfile;
  /** Addresses and CIDRs of proxies whose `X-Forwarded-For` is believed; nobody's unless told. */
  readonly trustedProxies?: readonly string[];
  readonly requestLimits?: RequestLimits;
  /** Without it no bucket has one. Who opened it closes it, after the gateway. */
  readonly quotas?: Quotas;
  /** Called for each write that leaves its bucket over the soft limit. */
  readonly onSoftQuota?: (event: SoftQuota) => void;
  readonly log?: (record: RequestRecord) => void;
  /** Milliseconds since 1970; the wall clock unless a test passes another. */
  readonly now?: () => number;
  readonly host: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** With it the listener speaks TLS and nothing else. */
  readonly tls?: TlsIdentity | undefined;
  readonly limits?: Partial<GatewayLimits>;
}

export interface GatewayLimits {
  /** A connection without a byte in either direction for this long, within a request, is cut. */
  readonly idleTimeoutMs: number;
  /** All headers must have arrived this long after the first byte of a request. */
  readonly headersTimeoutMs: number;
  /** An idle connection between requests is closed after this long. */
  readonly keepAliveTimeoutMs: number;
  /** Fewer when the process may not open two files for each, and some for the engine. */
  readonly connectionsMax: number;
}

export interface Gateway {
  readonly host: string;
  readonly port: number;
  /** `http://HOST:PORT`, or `https://HOST:PORT` over TLS. */
  readonly endpoint: string;
  /** Of connections from now on. Throws for one that cannot be used, and keeps the one before. */
  renewTls(identity: TlsIdentity): void;
  /** `/healthz`, `/readyz` and `/metrics`, for a listener that only operators reach; undefined for any other path. */
  page(path: string): Page | undefined;
  /** Stops accepting, lets requests under way end for `graceMs` (25,000 unless told), cuts the rest. */
  close(options?: { readonly graceMs?: number }): Promise<void>;
}
