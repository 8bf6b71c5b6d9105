import type { Transaction } from "kysely";
import { change, type ControlContext } from "./change.ts";
import type { ControlTables } from "./control-schema.ts";
import { sealingKey } from "./credentials.ts";
import { seal, unseal, type MasterKey, type SealedPlace } from "./sealing.ts";

const rowsAtOnce = 200;

export interface ResealReport {
  /** The name of the key that everything is sealed under now, except what did not open. */
  readonly masterKey: string;
  readonly resealed: number;
  /** Access key ids of credentials whose secret opens under no key that is known; they are left as they are. */
  readonly unopened: readonly string[];
}

interface Batch {
  readonly last: string | undefined;
  readonly masterKey: string;
  readonly resealed: number;
  readonly unopened: readonly string[];
}

/**
 * Seals every secret anew under the first of the master keys, some at a time. It can be ended at any moment and begun
 * again, and requests go on meanwhile. Once nothing is left under a key, the database does not ask for it any more.
 */
export async function reseal(
  context: ControlContext,
  options: { readonly signal?: AbortSignal } = {},
): Promise<ResealReport> {
  const unopened: string[] = [];
  let resealed = 0;
  for (let after: string | undefined = ""; ;) {
    options.signal?.throwIfAborted();
    const from: string = after;
    const batch: Batch = await change(context, async (tx) => await resealSome(context, tx, from));
    resealed += batch.resealed;
    unopened.push(...batch.unopened);
    if (batch.last === undefined) return { masterKey: batch.masterKey, resealed, unopened };
    after = batch.last;
  }
}

async function resealSome(
  context: ControlContext,
  tx: Transaction<ControlTables>,
  after: string,
): Promise<Batch> {
  const current = await sealingKey(context, tx);
  const rows = await tx
    .selectFrom("credentials")
    .select(["access_key_id", "key_id", "sealed_secret", "sealed_token"])
    .where("key_id", "!=", current.id)
    .where("access_key_id", ">", after)
    .orderBy("access_key_id")
    .limit(rowsAtOnce)
    .execute();
  const unopened: string[] = [];
  for (const row of rows) {
    const columns = sealedAnew(row, context.keys.find(row.key_id), current);
    if (columns === undefined) unopened.push(row.access_key_id);
    else {
      const { access_key_id: id } = row;
      await tx.updateTable("credentials").set(columns).where("access_key_id", "=", id).execute();
    }
  }
  if (rows.length === 0) await forgetUnusedKeys(tx, current);
  return {
    last: rows.at(-1)?.access_key_id,
    masterKey: current.id,
    resealed: rows.length - unopened.length,
    unopened,
  };
}

type Sealed = Pick<
  ControlTables["credentials"],
  "access_key_id" | "key_id" | "sealed_secret" | "sealed_token"
>;

function sealedAnew(
  row: Sealed,
  old: MasterKey | undefined,
  current: MasterKey,
): Partial<Sealed> | undefined {
  const name = row.access_key_id;
  const again = (sealed: Uint8Array, kind: SealedPlace["kind"]): Buffer | undefined => {
    const text = old === undefined ? undefined : unseal(sealed, old, { kind, name });
    return text === undefined ? undefined : seal(text, current, { kind, name });
  };
  const secret = again(row.sealed_secret, "secret");
  const token = row.sealed_token === null ? null : again(row.sealed_token, "token");
  if (secret === undefined || token === undefined) return undefined;
  return { key_id: current.id, sealed_secret: secret, sealed_token: token };
}

async function forgetUnusedKeys(tx: Transaction<ControlTables>, current: MasterKey): Promise<void> {
  await tx
    .deleteFrom("sealing_keys")
    .where("key_id", "!=", current.id)
    .where("key_id", "not in", (of) => of.selectFrom("credentials").select("key_id"))
    .execute();
}
