import type { Client } from "./client.ts";
import type { Interop, StatusProfile } from "./context.ts";
import type { Session } from "./session.ts";

/** What a step works with; the bucket belongs to this client, profile and run alone. */
export interface World {
  readonly session: Session;
  readonly bucket: string;
  readonly fixtures: Interop["fixtures"];
}

/** The words for a mistake; they differ by profile only where a client reads the status and not the code. */
export type Says = string | Readonly<Record<StatusProfile, string>>;

/** The words that hold under a profile. */
export const saysUnder = (says: Says, profile: StatusProfile): string =>
  typeof says === "string" ? says : says[profile];

/** One promise about one client, as data: the same list runs against any endpoint. */
export interface Step {
  readonly id: string;
  readonly promise: string;
  /** What the client reports, where the step is about a mistake. */
  readonly says?: Says;
  readonly run: (world: World) => Promise<void>;
}

/** A client as the runner needs it: who it is, what it cannot do, and its steps in order. */
export interface Subject extends Pick<Client, "cannot" | "name" | "needs" | "version"> {
  readonly steps: readonly Step[];
}
