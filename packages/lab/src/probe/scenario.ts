import type { Fault } from "../faults/fault.ts";
import type { Action } from "./action.ts";

/** Where a scenario comes from. */
export type Origin =
  /** The audit, (a) to (e). */
  | "audit"
  /** A situation that clients were measured in. */
  | "measured"
  /** A fault of the lab's. */
  | "fault"
  /** What an adapter can do where nothing fails. */
  | "contract";

/** Whom the server knows the subject as. */
export type Caller =
  | "root"
  /** A valid credential that may not touch the bucket. */
  | "forbidden"
  | "unknown-access-key"
  | "wrong-secret"
  /** A session whose token has expired. */
  | "expired-token"
  /** The same, and whoever asks for credentials again is given good ones. */
  | "expired-then-renewed";

/** What there is before the action. */
export interface Arranged {
  /** Objects by key, each with its length in bytes. */
  readonly objects?: Readonly<Record<string, number>>;
  readonly caller?: Caller;
  /** The bucket that the subject is told of is not there. */
  readonly noBucket?: true;
  /** Where the subject looks for the server instead. */
  readonly server?: "unknown-host" | "refuses";
  /** Of the server; the subject is told of `us-east-1` in any case, as is the server unless told. */
  readonly region?: string;
  /** How far the server's clock is off, in milliseconds. */
  readonly skewMs?: number;
  readonly faults?: readonly Fault[];
  /** The longest that the subject may wait for a byte, in milliseconds; 900 unless told. */
  readonly timeoutMs?: number;
}

/** What a faithful subject says, and what is there afterwards. What is left out does not matter. */
export interface Target {
  /** The failure is told by one of these names, codes or statuses, in structured fields of the error or its causes. */
  readonly told?: readonly string[];
  /** Names that this failure must not be given, whatever else is told of it. */
  readonly notTold?: readonly string[];
  /** The result, where there may be one; beside `told`, either is right. */
  readonly value?: unknown;
  /** Any result will do; of a read, the bytes of the object. */
  readonly succeeds?: true;
  /** Afterwards the object has so many bytes, all its own; `absent` for none. */
  readonly stored?: Readonly<Record<string, number | "absent">>;
  /** Uploads that may be left open; 0 unless told. */
  readonly openUploads?: number;
  /** The least and the most requests of the action's operations that the server sees. */
  readonly requests?: readonly [least: number, most: number];
  /** The least time between the first of these requests and the next, in milliseconds. */
  readonly waitMs?: number;
  /** Longer, and it hangs; 6,000 ms unless told. */
  readonly withinMs?: number;
}

/** One question, as data. */
export interface Scenario {
  /** The letter of the audit, the number of the situation, or the fault's word. */
  readonly id: string;
  readonly origin: Origin;
  /** What the server or the network does. */
  readonly title: string;
  readonly arranged: Arranged;
  readonly action: Action;
  readonly target: Target;
  /** What a caller loses by being told otherwise. */
  readonly why: string;
}
