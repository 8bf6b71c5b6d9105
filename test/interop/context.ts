import type { Missing } from "./debian.ts";

/** How an endpoint maps codes to HTTP statuses: as the proxy document says, or exactly as AWS. */
export type StatusProfile = "documented" | "aws";

/** One endpoint under test and the credential that owns it. */
export interface Endpoint {
  readonly profile: StatusProfile;
  readonly url: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** A file to upload, with the hash its copy must have. */
export interface Fixture {
  readonly file: string;
  readonly size: number;
  readonly sha256: string;
}

/** What the global set-up hands to every test file. */
export interface Interop {
  readonly endpoints: readonly Endpoint[];
  readonly directory: string;
  readonly missing: Missing;
  readonly fixtures: Readonly<Record<"small" | "medium" | "large", Fixture>>;
}

/** What a test leaves for the reporter: which client was asked to do what, under which profile. */
export interface Sighting {
  readonly client: string;
  readonly version: string;
  readonly profile: StatusProfile;
  readonly step: string;
  readonly promise: string;
  readonly says?: string;
}

declare module "vitest" {
  export interface TaskMeta {
    interop?: Sighting;
  }
  export interface ProvidedContext {
    interop: Interop;
  }
}
