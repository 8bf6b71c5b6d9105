import type { CorsRule, Verb } from "@holdfast/protocol";
import type { AnonymousBinding, Attachment, Control } from "./control.ts";
import type { Credential, Grant } from "./credential.ts";

/** A control plane of plain maps, which a test may change under a gateway that runs. */
export class MemoryControl implements Control {
  readonly credentials = new Map<string, Credential>();
  readonly bindings = new Map<string, AnonymousBinding>();
  readonly rules = new Map<string, readonly CorsRule[]>();
  readonly #attachments = new Map<string, Attachment>();
  /** Whose requests were authentic. */
  readonly used = new Set<string>();
  /** How often the gateway asked for news. */
  refreshes = 0;

  constructor(...credentials: readonly Credential[]) {
    for (const credential of credentials) this.add(credential);
  }

  /** Adds a credential, or puts it in the place of the one with its id. */
  add(credential: Credential): void {
    this.credentials.set(credential.accessKeyId, credential);
  }

  /** Has an upstream keep a bucket; undefined gives it back to the engine. */
  attach(bucket: string, attachment: Attachment | undefined): void {
    if (attachment === undefined) this.#attachments.delete(bucket);
    else this.#attachments.set(bucket, attachment);
  }

  refresh(): void {
    this.refreshes += 1;
  }

  credential(accessKeyId: string): Credential | undefined {
    return this.credentials.get(accessKeyId);
  }

  markUsed(accessKeyId: string): void {
    this.used.add(accessKeyId);
  }

  attachment(bucket: string): Attachment | undefined {
    return this.#attachments.get(bucket);
  }

  attachments(): readonly Attachment[] {
    return [...this.#attachments.values()].toSorted((a, b) => (a.bucket < b.bucket ? -1 : 1));
  }

  anonymous(bucket: string): AnonymousBinding | undefined {
    return this.bindings.get(bucket);
  }

  cors(bucket: string): readonly CorsRule[] | undefined {
    return this.rules.get(bucket);
  }

  setCors(bucket: string, rules: readonly CorsRule[] | undefined): Promise<void> {
    if (rules === undefined) this.rules.delete(bucket);
    else this.rules.set(bucket, rules);
    return Promise.resolve();
  }
}

/** A credential that may do nothing, or what is given beside its id. */
export function testCredential(
  accessKeyId: string,
  fields: Partial<Omit<Credential, "accessKeyId">> = {},
): Credential {
  const secretAccessKey = `a secret of ${accessKeyId}`;
  return { accessKeyId, secretAccessKey, tenant: "tenant", grants: [], disabled: false, ...fields };
}

/** A grant in one line: `grant("uploads", "incoming/", "read", "write")`. */
export function grant(bucket: string, prefix: string, ...verbs: readonly Verb[]): Grant {
  return { bucket, prefix, verbs: new Set(verbs) };
}
