import type { XmlElement } from "@holdfast/protocol";
import type { ReplayableBody } from "../bodies/request-body.ts";
import type { AnswerBody } from "../bodies/answer-body.ts";
import type { WireFailureFields } from "../errors/wire-failure.ts";
import type { Events } from "../tracing/events.ts";

/** Settings of one call that any operation takes. */
export interface CallOptions {
  /** Ends the operation, what is in flight and what waits; its reason is the error's cause. */
  readonly signal?: AbortSignal | undefined;
}

/** One operation as it is to be asked of the service, before it is addressed and signed. */
export interface Call extends CallOptions {
  readonly operation: string;
  readonly method: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  /** Decoded names and values in the order to send; those without a value are left out. */
  readonly query?: readonly (readonly [name: string, value: string | undefined])[] | undefined;
  /** By lower-case name; those without a value are left out. */
  readonly headers?: Readonly<Record<string, string | undefined>> | undefined;
  readonly body?: ReplayableBody | undefined;
  /** Whether sending it twice leaves what sending it once does. */
  readonly idempotent: boolean;
  /** The name of the answer's root element; `"stream"` for an object's bytes, absent where no body is expected. */
  readonly answer?: string | undefined;
  /** Statuses beyond the 2xx that are answers and no failures, such as 304. */
  readonly accepts?: readonly number[] | undefined;
  /**
   * Asked when it failed after a try whose outcome is not known: resolves with the answer if that try is what
   * succeeded, and with undefined if that cannot be told.
   */
  readonly settle?:
    | ((connection: Connection, failure: WireFailureFields) => Promise<Answer | undefined>)
    | undefined;
}

/** What the service answered to a call. */
export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** The root of the document, where the call has one. */
  readonly document: XmlElement | undefined;
  /** The bytes, where the call asked for a stream. They have to be read or disposed of. */
  readonly body: AnswerBody | undefined;
  /** How many requests it took. */
  readonly attempts: number;
  /** What must not get into an error that is made of it. */
  readonly secrets?: readonly string[] | undefined;
}

/** Whoever can carry out calls: the client, or a part of it in a test. */
export interface Connection {
  /** Where it tells of what goes on over it. */
  readonly events: Events;
  /** Resolves with an answer that is a success; everything else is an `S3Error`. */
  send(call: Call): Promise<Answer>;
}
