import type { Verb } from "@holdfast/protocol";

/** What a credential may do, and where. */
export interface Grant {
  /** A bucket's name, or `*` for any. */
  readonly bucket: string;
  /** What keys begin with; empty for all of them. */
  readonly prefix: string;
  readonly verbs: ReadonlySet<Verb>;
}

/** Who may ask, whether that still holds, and for what. */
export interface Credential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Of a temporary credential: what its requests must carry beside the signature. */
  readonly sessionToken?: string | undefined;
  /** Whose it is; the root's is nobody's. */
  readonly tenant?: string | undefined;
  readonly grants: readonly Grant[] | "all";
  /** By itself or with its tenant. */
  readonly disabled: boolean;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly limits?: CredentialLimits | undefined;
}

/** How much one credential may ask; without a value there is no limit of its own. */
export interface CredentialLimits {
  readonly requestsPerSecond?: number | undefined;
  /** Requests under way at once. */
  readonly concurrency?: number | undefined;
}

/** Who asks. */
export type Principal =
  | { readonly kind: "credential"; readonly credential: Credential }
  | { readonly kind: "anonymous" };
