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

/** A body piece by piece; those that come in one array are sent in one write where that costs nothing. */
export type BodyPieces = AsyncIterable<Uint8Array | readonly Uint8Array[]>;

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
  readonly body: Uint8Array | BodyPieces | undefined;
  readonly timeouts: TransportTimeouts;
  /** Whether a source that gives nothing and a reader that takes nothing are waited for without end: false by default. */
  readonly isPatient?: boolean;
  /** How long its connection is kept for another request, in milliseconds: as long as the idle time by default. */
  readonly keptMs?: number;
  readonly signal: AbortSignal | undefined;
}

/** By lower-case name; of a repeated one the values joined by commas, but for `set-cookie`, which S3 has no use for. */
export type ResponseHeaders = Readonly<Record<string, string | undefined>>;

/** Whoever takes a body's bytes as they come. One of `end` and `failed` is the last that it is told. */
export interface BodySink {
  /** The bytes are the sink's to keep. */
  piece(bytes: Buffer): void;
  end(): void;
  failed(failure: WireFailure): void;
}

/**
 * The bytes of an answer, for one reader, who takes them by `next` or by `pour`, or wants none of them. A broken
 * connection, a short body and a stall are failures.
 */
export interface TransportBody {
  /** The next bytes, or undefined at the end. Rejects with a `WireFailure`. Called again once it has settled. */
  next(): Promise<Buffer | undefined>;
  /** From now on a piece is the reader's only until it asks for the next: its memory is used again. Not for `pour`. */
  reuse(): void;
  /** Gives what is there and what comes, as fast as it comes. */
  pour(sink: BodySink): void;
  /** Lets the bytes come and go, so that the connection can be used again. */
  discard(): void;
  /** Ends the transfer, and its connection with it unless all bytes have come. A reader is told that it was aborted. */
  destroy(): void;
}

/** The head of an answer, and its body, which has to be read, discarded or destroyed. */
export interface TransportResponse {
  readonly status: number;
  readonly headers: ResponseHeaders;
  /** As they came: name, value, name, value; the names in lower case, and one character for each byte. */
  readonly fields: readonly string[];
  readonly body: TransportBody;
}

/** Sends one request once. Rejects with a `WireFailure`. */
export interface Transport {
  send(request: TransportRequest): Promise<TransportResponse>;
  /** Ends idle connections now, and those in use with them. */
  close(): void;
}
