import type { CorsRule } from "@holdfast/protocol";
import type { AnonymousBinding, Attachment, Control } from "../access/control.ts";
import type { Credential } from "../access/credential.ts";
import type { CredentialDescription } from "./credential-rows.ts";
import type { CreatedCredential, CredentialPage } from "./credentials.ts";
import type { ControlDatabase } from "./database.ts";
import type { ResealReport } from "./reseal.ts";
import type { CreatedSessionCredential } from "./session-credentials.ts";
import type { Quota } from "./sources.ts";
import type { Tenant, TenantPage } from "./tenants.ts";

/** How the control plane is. */
export interface ControlState {
  readonly tenants: number;
  readonly credentials: number;
  readonly attachments: number;
  /** The name of the key that seals. */
  readonly masterKey: string;
  /** Why requests are decided by what was known before, or a secret does not open, or a use is not written down. */
  readonly failure: unknown;
}

/**
 * Who may do what, where buckets are, and what they may be used for. What a function changed holds for every request
 * that comes after it resolved, in every process that has this database open, and is on stable storage. They reject with
 * a `ControlError`; what they take is checked, whatever its type says.
 */
export interface ControlPlane extends Control {
  /** For those who keep tables of their own beside these. */
  readonly database: ControlDatabase;
  /** The most that may be stored in a bucket; undefined without a quota. */
  quota(bucket: string): Quota | undefined;
  /** Of every bucket that has any, in ascending order of their names. */
  settings(): readonly BucketSettings[];
  state(): ControlState;

  createTenant(input: { readonly name: string }): Promise<Tenant>;
  listTenants(page?: PageRequest): Promise<TenantPage>;
  disableTenant(name: string): Promise<void>;
  enableTenant(name: string): Promise<void>;
  deleteTenant(name: string): Promise<void>;

  createCredential(input: NewCredential): Promise<CreatedCredential>;
  createSessionCredential(input: NewSessionCredential): Promise<CreatedSessionCredential>;
  listCredentials(
    page?: PageRequest & { readonly tenant?: string | undefined },
  ): Promise<CredentialPage>;
  getCredential(accessKeyId: string): Promise<CredentialDescription>;
  updateCredential(accessKeyId: string, changes: CredentialChanges): Promise<CredentialDescription>;
  deleteCredential(accessKeyId: string): Promise<void>;

  attachBucket(input: Omit<Attachment, "createdAt">): Promise<Attachment>;
  detachBucket(bucket: string): Promise<void>;
  setQuota(input: Quota & { readonly bucket: string }): Promise<Quota>;
  removeQuota(bucket: string): Promise<void>;
  allowAnonymous(input: {
    readonly bucket: string;
    readonly requestsPerSecond: number;
  }): Promise<void>;
  denyAnonymous(bucket: string): Promise<void>;

  /** Seals all secrets anew under the first of the master keys. */
  reseal(options?: { readonly signal?: AbortSignal }): Promise<ResealReport>;
  close(): Promise<void>;
}

/** What is set for a bucket beside where it is. */
export interface BucketSettings {
  readonly bucket: string;
  readonly quota: Quota | undefined;
  readonly anonymous: AnonymousBinding | undefined;
  readonly cors: readonly CorsRule[] | undefined;
}

export interface PageRequest {
  /** The `next` of the page before. */
  readonly after?: string | undefined;
  /** 1 to 1000; 100 unless given. */
  readonly limit?: number | undefined;
}

export interface NewCredential {
  readonly tenant: string;
  readonly grants: readonly NewGrant[];
  readonly description?: string | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt?: number | undefined;
  readonly limits?: Credential["limits"];
}

export interface NewSessionCredential {
  /** The access key id of the one that it is made from. */
  readonly parent: string;
  /** No more than the parent's; without them, the parent's. */
  readonly grants?: readonly NewGrant[] | undefined;
  /** Milliseconds since 1970. */
  readonly expiresAt: number;
  readonly description?: string | undefined;
}

export type NewGrant = Omit<CredentialDescription["grants"][number], "prefix"> & {
  readonly prefix?: string | undefined;
};

/** What is absent stays; null takes it away. */
export interface CredentialChanges {
  readonly disabled?: boolean | undefined;
  readonly description?: string | undefined;
  readonly expiresAt?: number | null | undefined;
  readonly grants?: readonly NewGrant[] | undefined;
  readonly limits?: Credential["limits"] | null;
}
