import type { Transaction } from "kysely";
import type * as v from "valibot";
import type { CredentialLimits } from "../access/credential.ts";
import { change, look, type ControlContext } from "./change.ts";
import { ControlError } from "./control-error.ts";
import type { ControlTables } from "./control-schema.ts";
import { describeCredentials, writeGrants, type CredentialDescription } from "./credential-rows.ts";
import { freshAccessKeyId, freshSecret } from "./fresh-credential.ts";
import { checked, inputs } from "./input.ts";
import { prove } from "./prove-keys.ts";
import { seal, type MasterKey } from "./sealing.ts";

/** A new credential with its secret, which is told this once. */
export interface CreatedCredential {
  readonly credential: CredentialDescription;
  readonly secretAccessKey: string;
}

export interface CredentialPage {
  readonly credentials: readonly CredentialDescription[];
  /** What to ask for as `after` to have more. */
  readonly next?: string | undefined;
}

/** The key to seal under, as the source of the keys has it now, proved to open what it sealed before. */
export async function sealingKey(
  { keys }: ControlContext,
  tx: Transaction<ControlTables>,
): Promise<MasterKey> {
  keys.readAgain();
  await prove(tx, keys.current);
  return keys.current;
}

/** Refuses an expiry that is not ahead. */
export function checkExpiry({ now }: ControlContext, expiresAt: number | null | undefined): void {
  if (typeof expiresAt === "number" && expiresAt <= now()) throw new ControlError("expiry_past");
}

/** The credential as it is described; `no_such_credential` if there is none. */
export async function describe(
  kysely: ControlContext["kysely"],
  accessKeyId: string,
): Promise<CredentialDescription> {
  const [found] = await describeCredentials(kysely, { only: accessKeyId, limit: 1 });
  if (found === undefined) throw new ControlError("no_such_credential", { accessKeyId });
  return found;
}

/** Makes a lasting credential; `no_such_tenant`, `expiry_past`. */
export async function createCredential(
  context: ControlContext,
  input: unknown,
): Promise<CreatedCredential> {
  const { tenant, grants, description, expiresAt, limits } = checked(inputs.credential, input);
  checkExpiry(context, expiresAt);
  const accessKeyId = freshAccessKeyId(false);
  const secretAccessKey = freshSecret();
  const credential = await change(
    context,
    async (tx) => {
      const key = await sealingKey(context, tx);
      const row = {
        access_key_id: accessKeyId,
        tenant,
        parent: null,
        key_id: key.id,
        sealed_secret: seal(secretAccessKey, key, { kind: "secret", name: accessKeyId }),
        sealed_token: null,
        description,
        disabled: 0,
        expires_at: expiresAt ?? null,
        ...limitColumns(limits ?? {}),
        created_at: context.now(),
        last_used_at: null,
      };
      await tx.insertInto("credentials").values(row).execute();
      await writeGrants(tx, accessKeyId, grants);
      return await describe(tx, accessKeyId);
    },
    { SQLITE_CONSTRAINT_FOREIGNKEY: "no_such_tenant" },
  );
  return { credential, secretAccessKey };
}

/** Credentials, of one tenant or of all, in ascending order of their ids, a page at a time. */
export async function listCredentials(
  context: ControlContext,
  input: unknown = {},
): Promise<CredentialPage> {
  const { tenant, after, limit } = checked(inputs.credentialPage, input);
  const found = await look(
    context,
    async (kysely) => await describeCredentials(kysely, { tenant, after, limit: limit + 1 }),
  );
  const credentials = found.slice(0, limit);
  return {
    credentials,
    next: found.length > limit ? credentials.at(-1)?.accessKeyId : undefined,
  };
}

/** One credential; `no_such_credential`. */
export async function getCredential(
  context: ControlContext,
  input: unknown,
): Promise<CredentialDescription> {
  const accessKeyId = checked(inputs.accessKeyId, input);
  return await look(context, async (kysely) => await describe(kysely, accessKeyId));
}

/**
 * Changes what is given and leaves the rest; null takes an expiry or the limits away. `no_such_credential`,
 * `expiry_past`; of a temporary one only `disabled` and `description` change, else `credential_is_temporary`.
 */
export async function updateCredential(
  context: ControlContext,
  id: unknown,
  input: unknown,
): Promise<CredentialDescription> {
  const accessKeyId = checked(inputs.accessKeyId, id);
  const { disabled, description, expiresAt, grants, limits } = checked(
    inputs.credentialUpdate,
    input,
  );
  checkExpiry(context, expiresAt);
  return await change(context, async (tx) => {
    const { parent } = await describe(tx, accessKeyId);
    if (parent !== undefined && [expiresAt, grants, limits].some((one) => one !== undefined)) {
      throw new ControlError("credential_is_temporary", { accessKeyId });
    }
    const columns = changedColumns({ disabled, description, expiresAt, limits });
    if (Object.keys(columns).length > 0) {
      await tx
        .updateTable("credentials")
        .set(columns)
        .where("access_key_id", "=", accessKeyId)
        .execute();
    }
    if (grants !== undefined) await writeGrants(tx, accessKeyId, grants);
    return await describe(tx, accessKeyId);
  });
}

function changedColumns({
  disabled,
  description,
  expiresAt,
  limits,
}: Omit<v.InferOutput<typeof inputs.credentialUpdate>, "grants">): Partial<
  ControlTables["credentials"]
> {
  return {
    ...(disabled === undefined ? {} : { disabled: disabled ? 1 : 0 }),
    ...(description === undefined ? {} : { description }),
    ...(expiresAt === undefined ? {} : { expires_at: expiresAt }),
    ...(limits === undefined ? {} : limitColumns(limits ?? {})),
  };
}

function limitColumns(
  limits: CredentialLimits,
): Pick<ControlTables["credentials"], "concurrency" | "requests_per_second"> {
  const { requestsPerSecond, concurrency } = limits;
  return { requests_per_second: requestsPerSecond ?? null, concurrency: concurrency ?? null };
}

/** Deletes a credential and the temporary ones that were made from it; `no_such_credential`. */
export async function deleteCredential(context: ControlContext, input: unknown): Promise<void> {
  const accessKeyId = checked(inputs.accessKeyId, input);
  await change(context, async (tx) => {
    const { numDeletedRows } = await tx
      .deleteFrom("credentials")
      .where("access_key_id", "=", accessKeyId)
      .executeTakeFirstOrThrow();
    if (numDeletedRows === 0n) throw new ControlError("no_such_credential", { accessKeyId });
  });
}
