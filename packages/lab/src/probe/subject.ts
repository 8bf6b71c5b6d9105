import type { Action, ActionName } from "./action.ts";

/** What a subject is set up with. Times in milliseconds. */
export interface SubjectSettings {
  readonly endpoint: string;
  readonly region: string;
  readonly bucket: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** What a call asks for credentials; the first ones are expired in scenarios of refreshed tokens. */
  readonly credentials: () => Promise<ProbeCredentials>;
  /** The longest that a subject may wait for a byte, where it has a setting for it. */
  readonly timeoutMs: number;
}

export interface ProbeCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** What an action is given beside its data. */
export interface ActionCall {
  /** The body, of an action that writes; each call makes the same bytes anew. */
  source(): AsyncIterable<Uint8Array>;
  /** The same, at hand. */
  bytes(): Uint8Array;
  readonly signal: AbortSignal;
}

/** A subject that is ready. */
export interface ReadySubject {
  /**
   * Resolves with plain data, as the action says; of a read, with its bytes, or with what yields them. Rejects with the
   * subject's own error, untouched, or with `Unsupported` for what it has no call for.
   */
  act(action: Action, call: ActionCall): Promise<unknown>;
  close(): Promise<void>;
}

/** An adapter: how a library or a program is used, in one small file. */
export interface Subject {
  readonly name: string;
  /** Of the library or program, as installed. Rejects when it is not installed. */
  version(): Promise<string>;
  /** What it can be asked to do. What is not here, is not driven. */
  readonly actions: readonly ActionName[];
  /** False for what never uploads in parts: it is not asked what becomes of them. */
  readonly uploadsInParts?: false;
  /** What each action takes to begin, such as to start a program, in milliseconds; a scenario gives it that much more. */
  readonly startMs?: number;
  open(settings: SubjectSettings): Promise<ReadySubject>;
}

/** Says why a subject cannot do what a scenario asks for. */
export class Unsupported extends Error {
  override readonly name = "Unsupported";
  readonly code = "UnsupportedByTheSubject";
}
