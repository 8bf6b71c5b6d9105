import { existsSync } from "node:fs";
import type { ControlDatabase } from "./database.ts";
import { ensureMasterKeyFile, MasterKeys, wrongKey, type MasterKeySource } from "./master-keys.ts";
import { ControlOpenError } from "./open-error.ts";
import { seal, unseal, type MasterKey, type SealedPlace } from "./sealing.ts";

const known = "holdfast";

/**
 * The master keys, each proved to be the one that secrets were sealed under; made at the first start. Rejects with a
 * `ControlOpenError` where a secret could not be opened later.
 */
export async function openMasterKeys(
  { kysely }: ControlDatabase,
  source: MasterKeySource,
): Promise<MasterKeys> {
  const needed = await kysely.selectFrom("credentials").select("key_id").distinct().execute();
  if ("file" in source && needed.length === 0 && !existsSync(source.file)) {
    await ensureMasterKeyFile(source.file);
  }
  const keys = MasterKeys.read(source);
  const missing = needed.find(({ key_id: id }) => keys.find(id) === undefined);
  if (missing !== undefined) {
    throw new ControlOpenError(
      "KEY_MISSING",
      `credentials are sealed under the master key ${missing.key_id}, which is not among those given`,
    );
  }
  const proofs = await kysely.selectFrom("sealing_keys").selectAll().execute();
  for (const { key_id: id, proof } of proofs) checkProof(keys.find(id), proof);
  await prove(kysely, keys.current);
  return keys;
}

/** Keeps what later shows whether a master key of this name is this one; throws if it is not. */
export async function prove(kysely: ControlDatabase["kysely"], key: MasterKey): Promise<void> {
  const proof = seal(known, key, placeOf(key));
  await kysely
    .insertInto("sealing_keys")
    .values({ key_id: key.id, proof })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const kept = await kysely
    .selectFrom("sealing_keys")
    .select("proof")
    .where("key_id", "=", key.id)
    .executeTakeFirstOrThrow();
  checkProof(key, kept.proof);
}

function checkProof(key: MasterKey | undefined, proof: Uint8Array): void {
  if (key !== undefined && unseal(proof, key, placeOf(key)) !== known) throw wrongKey(key.id);
}

function placeOf({ id }: MasterKey): SealedPlace {
  return { kind: "proof", name: id };
}
