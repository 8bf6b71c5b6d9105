import type { Credential } from "../access/credential.ts";
import type { ControlState } from "./control-plane.ts";
import { LiveCredentials } from "./live-credentials.ts";
import type { MasterKeys } from "./master-keys.ts";
import type { Snapshot } from "./snapshot.ts";

interface LiveOptions {
  readonly snapshot: Snapshot;
  readonly keys: MasterKeys;
  readonly root: Pick<Credential, "accessKeyId" | "secretAccessKey">;
}

/** What requests ask, answered from memory. */
export class LiveControl {
  readonly snapshot: Snapshot;
  readonly #keys: MasterKeys;
  readonly #credentials: LiveCredentials;
  readonly #root: Credential;
  #failure: unknown;

  constructor({ snapshot, keys, root }: LiveOptions) {
    this.snapshot = snapshot;
    this.#keys = keys;
    this.#credentials = new LiveCredentials(snapshot, keys);
    const { accessKeyId, secretAccessKey } = root;
    this.#root = { accessKeyId, secretAccessKey, grants: "all", disabled: false };
  }

  /** Takes over what changed; when that fails, what was known stays and the failure is told. */
  refresh(): void {
    try {
      this.takeOver();
      this.#failure = undefined;
    } catch (error) {
      this.#failure = error;
    }
  }

  /** As `refresh`, for who has to know whether it did. */
  takeOver(): void {
    if (!this.snapshot.refresh() && this.#failure === undefined) return;
    const { sealingKeys } = this.snapshot;
    if ([...sealingKeys.values()].some((id) => this.#keys.find(id) === undefined)) {
      this.#keys.readAgain();
    }
  }

  credential(accessKeyId: string): Credential | undefined {
    if (accessKeyId === this.#root.accessKeyId) return this.#root;
    return this.#credentials.get(accessKeyId);
  }

  isStored(accessKeyId: string): boolean {
    return this.snapshot.credentials.get(accessKeyId) !== undefined;
  }

  state(): ControlState {
    const { tenants, credentials } = this.snapshot;
    return {
      tenants: tenants.size,
      credentials: credentials.size,
      attachments: this.snapshot.attachments().length,
      masterKey: this.#keys.current.id,
      failure: this.#failure ?? this.#credentials.failure,
    };
  }

  close(): void {
    this.snapshot.close();
  }
}
