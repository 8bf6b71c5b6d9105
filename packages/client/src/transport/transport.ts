import type { Readable } from "node:stream";
import type { WireFailure } from "../errors/wire-failure.ts";

/** Time limits of one exchange, in milliseconds; 0 is none. */
export interface TransportTimeouts {
  /** To have a connection, its name resolved and its TLS agreed: 5,000 by default. */
  readonly connectMs: number;
  /** From the request's last byte to the answer's head: 30,000 by default. */
  readonly headersMs: number;
  /** Without a byte moving in either direction: 30,000 by default. */
  readonly idleMs: number;
}

/** A request as it is to stand on the wire. */
export interface TransportRequest {
  readonly secure: boolean;
  readonly hostname: string;
  readonly port: number;
  readonly method: string;
  /** Path and query, percent-encoded; sent as it is. */
  readonly target: string;
  /** By lower-case name; `content-length` is always there for a body. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  readonly timeouts: TransportTimeouts;
  readonly signal: AbortSignal | undefined;
}

/** By lower-case name; of a repeated one the values joined by commas, but for `set-cookie`, which S3 has no use for. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

/** The head of an answer, and its body, which has to be read or destroyed. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** Ends or fails: a broken connection, a short body and a stall are failures. */
  readonly body: Readable;
  /** What an error of the body means. */
  readonly failure: (error: unknown) => WireFailure;
}

/** Sends one request once. Rejects with a `WireFailure`. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends idle connections now, and those in use with them. */
  close(): void;
}
