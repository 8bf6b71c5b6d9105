import type { Action, ActionName } from "./action.ts";
import type { ProbeCredentials, SubjectSettings } from "./subject.ts";
import type { Told } from "./told.ts";

/** The settings as they go to another process. */
export interface PlainSettings extends Omit<SubjectSettings, "credentials"> {
  /** What the first call for credentials is given, what the second; the last ones stay. */
  readonly handedOut: readonly ProbeCredentials[];
}

/** What the process of a subject is told to do. */
export type Order =
  | { readonly do: "load"; readonly subject: string }
  | { readonly do: "act"; readonly action: Action; readonly settings: PlainSettings }
  | { readonly do: "close" };

/** What a subject says of itself. */
export interface SubjectCard {
  readonly name: string;
  readonly version: string;
  readonly actions: readonly ActionName[];
  readonly uploadsInParts: boolean;
  readonly startMs: number;
}

/** What it says. */
export type Word =
  | { readonly says: "loaded"; readonly card: SubjectCard }
  | { readonly says: "not loaded"; readonly reason: string }
  | { readonly says: "told"; readonly told: Told }
  /** Nobody caught it; the process ends now. */
  | { readonly says: "uncaught"; readonly name: string }
  | { readonly says: "closed" };
