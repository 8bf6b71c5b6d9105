import type { SigningCredentials } from "@holdfast/protocol";

/** An S3 server, or several that keep the same buckets. */
export interface UpstreamConfig {
  /** What attachments call it. */
  readonly name: string;
  /** `https://HOST` or `http://HOST:PORT`, without a path; each of them leads to the same buckets. */
  readonly endpoints: readonly string[];
  readonly region: string;
  readonly credentials: SigningCredentials;
  /** Where a bucket's name stands: in the path, which all servers take, or in front of the host. */
  readonly addressing?: "path" | "virtual" | undefined;
  /** Certificates in PEM that are trusted instead of the system's. */
  readonly ca?: string | undefined;
  /** Whether checksums that come behind a body go on behind it; servers that do not know that form get none. */
  readonly checksumTrailers?: boolean | undefined;
  readonly limits?: Partial<UpstreamLimits> | undefined;
}

/** How long and how much; each endpoint for itself. */
export interface UpstreamLimits {
  /** Until a connection is there, TLS included. */
  readonly connectMs: number;
  /** From the last byte of a request to the answer's head. */
  readonly headersMs: number;
  /** Without a byte of an answer, or of a request that it takes. */
  readonly idleMs: number;
  /** Connections to one endpoint; requests past it wait for one, no longer than `connectMs`. */
  readonly connectionsMax: number;
  /** How long an endpoint that could not be reached is asked last. */
  readonly restMs: number;
}

export const upstreamLimits: UpstreamLimits = {
  connectMs: 5000,
  headersMs: 60_000,
  idleMs: 30_000,
  connectionsMax: 256,
  restMs: 5000,
};
