import type { Transaction } from "kysely";
import { change, type ControlContext } from "./change.ts";
import { ControlError } from "./control-error.ts";
import type { ControlTables } from "./control-schema.ts";
import { covers } from "./covers.ts";
import { writeGrants, type CredentialDescription } from "./credential-rows.ts";
import { checkExpiry, describe, sealingKey, type CreatedCredential } from "./credentials.ts";
import { freshAccessKeyId, freshSecret, freshSessionToken } from "./fresh-credential.ts";
import { checked, inputs } from "./input.ts";
import { seal } from "./sealing.ts";

/** An expired one still says that it has, rather than that nobody knows it. */
const rememberedMs = 24 * 60 * 60 * 1000;
const forgottenAtOnce = 100;

/** A new temporary credential with its secret and its token, which are told this once. */
export interface CreatedSessionCredential extends CreatedCredential {
  readonly sessionToken: string;
}

/**
 * Makes a temporary credential that can never do more than its parent can at that moment, and ends with it.
 * `no_such_credential`, `credential_is_temporary`, `parent_not_usable`, `expiry_past`, `expiry_exceeds_parent`,
 * `grants_exceed_parent`.
 */
export async function createSessionCredential(
  context: ControlContext,
  input: unknown,
): Promise<CreatedSessionCredential> {
  const {
    parent: parentId,
    grants,
    expiresAt,
    description,
  } = checked(inputs.sessionCredential, input);
  checkExpiry(context, expiresAt);
  const accessKeyId = freshAccessKeyId(true);
  const secretAccessKey = freshSecret();
  const sessionToken = freshSessionToken();
  const credential = await change(context, async (tx) => {
    await forgetExpired(context, tx);
    const parent = await usableParent(context, tx, parentId);
    if (expiresAt > (parent.expiresAt ?? Infinity)) throw new ControlError("expiry_exceeds_parent");
    if (grants !== undefined && !covers(withSets(parent.grants), withSets(grants))) {
      throw new ControlError("grants_exceed_parent");
    }
    const key = await sealingKey(context, tx);
    const row = {
      access_key_id: accessKeyId,
      tenant: parent.tenant,
      parent: parentId,
      key_id: key.id,
      sealed_secret: seal(secretAccessKey, key, { kind: "secret", name: accessKeyId }),
      sealed_token: seal(sessionToken, key, { kind: "token", name: accessKeyId }),
      description,
      disabled: 0,
      expires_at: expiresAt,
      requests_per_second: null,
      concurrency: null,
      created_at: context.now(),
      last_used_at: null,
    };
    await tx.insertInto("credentials").values(row).execute();
    await writeGrants(tx, accessKeyId, grants ?? parent.grants);
    return await describe(tx, accessKeyId);
  });
  return { credential, secretAccessKey, sessionToken };
}

async function usableParent(
  { now }: ControlContext,
  tx: Transaction<ControlTables>,
  accessKeyId: string,
): Promise<CredentialDescription> {
  const parent = await describe(tx, accessKeyId);
  if (parent.parent !== undefined) throw new ControlError("credential_is_temporary");
  const tenant = await tx
    .selectFrom("tenants")
    .select("disabled")
    .where("name", "=", parent.tenant)
    .executeTakeFirstOrThrow();
  const expired = (parent.expiresAt ?? Infinity) <= now();
  if (parent.disabled || tenant.disabled === 1 || expired) {
    throw new ControlError("parent_not_usable");
  }
  return parent;
}

function withSets(grants: CredentialDescription["grants"]): Parameters<typeof covers>[0] {
  return grants.map((grant) => ({ ...grant, verbs: new Set(grant.verbs) }));
}

/** A few with each new one, so that they do not pile up. */
async function forgetExpired(
  { now }: ControlContext,
  tx: Transaction<ControlTables>,
): Promise<void> {
  await tx
    .deleteFrom("credentials")
    .where("access_key_id", "in", (of) =>
      of
        .selectFrom("credentials")
        .select("access_key_id")
        .where("parent", "is not", null)
        .where("expires_at", "<=", now() - rememberedMs)
        .orderBy("expires_at")
        .limit(forgottenAtOnce),
    )
    .execute();
}
