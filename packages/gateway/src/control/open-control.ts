import type { Credential } from "../access/credential.ts";
import {
  allowAnonymous,
  attachBucket,
  denyAnonymous,
  detachBucket,
  removeQuota,
  setQuota,
} from "./buckets.ts";
import type { ControlContext } from "./change.ts";
import type { ControlPlane } from "./control-plane.ts";
import { setCors } from "./cors.ts";
import {
  createCredential,
  deleteCredential,
  getCredential,
  listCredentials,
  updateCredential,
} from "./credentials.ts";
import { asOpenError, checkTables, openDatabase, type ControlDatabase } from "./database.ts";
import { LastUsed } from "./last-used.ts";
import { LiveControl } from "./live-control.ts";
import type { MasterKeySource } from "./master-keys.ts";
import { openMasterKeys } from "./prove-keys.ts";
import { reseal } from "./reseal.ts";
import { createSessionCredential } from "./session-credentials.ts";
import { Snapshot } from "./snapshot.ts";
import { createTenant, deleteTenant, listTenants, setTenantDisabled } from "./tenants.ts";

export interface ControlOptions {
  /** The file of the database; made if there is none. */
  readonly path: string;
  /** A file is made with a fresh key while nothing is sealed under another. */
  readonly masterKeys: MasterKeySource;
  /** May do everything, belongs to no tenant, and is not in the database. */
  readonly root: Pick<Credential, "accessKeyId" | "secretAccessKey">;
  /** Milliseconds since 1970; the wall clock unless a test passes another. */
  readonly now?: () => number;
  /** How long a change waits for another process to let go of the database; 30 s unless a test passes another. */
  readonly lockWaitMs?: number;
}

/** Opens the control plane, or rejects with a `ControlOpenError` that says in one sentence why it cannot serve. */
export async function openControl(options: ControlOptions): Promise<ControlPlane> {
  const { path, masterKeys, root, now = Date.now } = options;
  const database = await openDatabase(path, undefined, options.lockWaitMs);
  try {
    await checkTables(database);
    const keys = await openMasterKeys(database, masterKeys);
    const live = new LiveControl({ snapshot: new Snapshot(path), keys, root });
    const takeOver = (): void => live.takeOver();
    return planeOf({ database, live, context: { kysely: database.kysely, keys, now, takeOver } });
  } catch (cause) {
    await database.close();
    throw asOpenError(cause, path);
  }
}

interface Parts {
  readonly database: ControlDatabase;
  readonly live: LiveControl;
  readonly context: ControlContext;
}

function planeOf({ database, live, context }: Parts): ControlPlane {
  const lastUsed = new LastUsed(context.kysely);
  return {
    ...lookups(live),
    ...changes(context),
    database,
    state: () => {
      const state = live.state();
      return { ...state, failure: state.failure ?? lastUsed.failure };
    },
    markUsed: (id) => {
      if (live.isStored(id)) lastUsed.note(id, context.now());
    },
    close: async () => {
      try {
        await lastUsed.close();
      } finally {
        live.close();
        await database.close();
      }
    },
  };
}

type Lookups = Pick<
  ControlPlane,
  | "anonymous"
  | "attachment"
  | "attachments"
  | "cors"
  | "credential"
  | "quota"
  | "refresh"
  | "settings"
>;

function lookups(live: LiveControl): Lookups {
  return {
    refresh: () => live.refresh(),
    credential: (id) => live.credential(id),
    attachment: (bucket) => live.snapshot.attachment(bucket),
    attachments: () => live.snapshot.attachments(),
    anonymous: (bucket) => live.snapshot.anonymous.get(bucket),
    cors: (bucket) => live.snapshot.cors.get(bucket),
    quota: (bucket) => live.snapshot.quotas.get(bucket),
    settings: () => live.snapshot.settings(),
  };
}

function changes(
  context: ControlContext,
): Omit<ControlPlane, keyof Lookups | "close" | "database" | "markUsed" | "state"> {
  return {
    createTenant: async (input) => await createTenant(context, input),
    listTenants: async (page) => await listTenants(context, page),
    disableTenant: async (name) => await setTenantDisabled(context, name, true),
    enableTenant: async (name) => await setTenantDisabled(context, name, false),
    deleteTenant: async (name) => await deleteTenant(context, name),
    createCredential: async (input) => await createCredential(context, input),
    createSessionCredential: async (input) => await createSessionCredential(context, input),
    listCredentials: async (page) => await listCredentials(context, page),
    getCredential: async (id) => await getCredential(context, id),
    updateCredential: async (id, input) => await updateCredential(context, id, input),
    deleteCredential: async (id) => await deleteCredential(context, id),
    attachBucket: async (input) => await attachBucket(context, input),
    detachBucket: async (bucket) => await detachBucket(context, bucket),
    setQuota: async (input) => await setQuota(context, input),
    removeQuota: async (bucket) => await removeQuota(context, bucket),
    allowAnonymous: async (input) => await allowAnonymous(context, input),
    denyAnonymous: async (bucket) => await denyAnonymous(context, bucket),
    setCors: async (bucket, rules) => await setCors(context, bucket, rules),
    reseal: async (options) => await reseal(context, options),
  };
}
