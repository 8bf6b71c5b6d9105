import type { ScriptedServer, Script } from "@holdfast/lab";
import type { Subject, SubjectCredentials, ToldFailure } from "./subject.ts";

/** What a situation hands to the one who acts in it. */
export interface Stage {
  readonly subject: Subject;
  readonly server: ScriptedServer;
  /** How often credentials were asked for. */
  credentialsAsked(): number;
}

/** What is right: a failure told as it is, or a result. */
export interface Expected {
  /** Fields that the failure must have; those left out do not matter. */
  readonly failure?: Partial<Omit<ToldFailure, "delays">>;
  /** Bounds of the waits that the failure says were made. */
  readonly delays?: readonly Gap[];
  /** The failure's cause, down the chain, by code, name or identity. */
  readonly cause?: unknown;
  /** The result, where there is to be one. */
  readonly value?: unknown;
  /** How many requests the server sees. */
  readonly requests: number;
  /** Bounds in milliseconds for the wait before each further request; none where there is one request. */
  readonly gaps?: readonly Gap[];
  /** Longer than this in milliseconds, and it hangs. */
  readonly withinMs?: number;
}

/** Bounds of a wait between two requests, in milliseconds. */
export type Gap = readonly [least: number, most: number];

/** Something that servers and networks do, and what a client must make of it. */
export interface Situation {
  /** The number that the situation has in the table; a variant's stands after a slash. */
  readonly id: string;
  /** What the server or the network does. */
  readonly arranged: string;
  readonly script: () => Script;
  /** What is done, as the page says it. */
  readonly done: string;
  readonly act: (stage: Stage) => Promise<unknown>;
  readonly expected: Expected;
  /** What else is asserted once the call has settled; resolves with what is wrong. */
  readonly after?: (stage: Stage) => readonly string[];
  /** In what way clients that were measured get it wrong. */
  readonly others: string;
  /** What a caller loses by being told otherwise. */
  readonly why: string;
  /** Where not the scripted server's own. */
  readonly endpoint?: string;
  /** Where they are not the same each time. */
  readonly credentials?: (asked: number) => SubjectCredentials;
}

/** The credentials of all situations. Nothing of them but the id may be told. */
export const credentials: SubjectCredentials = {
  accessKeyId: "AKIDFIDELITY",
  secretAccessKey: "secret-of-the-situations",
  sessionToken: "session-token-of-the-situations",
};

/** What a server echoes of an expired token; it may not be told either. */
export const echoedToken = "token-echoed-by-the-server";

const capMs = 20_000;

/** Waits with full jitter for so many further requests, from the base in milliseconds. */
function jittered(baseMs: number, retries: number): readonly Gap[] {
  return Array.from({ length: retries }, (_, i) => [0, Math.min(baseMs * 2 ** i, capMs)] as const);
}

/** The waits after failures that pass by themselves. */
export const transient = jittered(50, 2);

/** The waits after a service asked for fewer requests. */
export const throttled = jittered(1000, 2);
