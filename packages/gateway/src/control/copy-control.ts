import { open } from "node:fs/promises";
import { dirname } from "node:path";
import { connectLibsql } from "./libsql-driver.ts";
import { ControlOpenError } from "./open-error.ts";
import { syncDirectory } from "./sync-directory.ts";
import { lockWaitMs } from "./until-unlocked.ts";

/**
 * Copies a control plane's database as it is at one moment to a file of mode 0600 that is not there yet, also while it
 * is served; on stable storage when it resolves. The master keys are not in it, and without them no secret opens.
 */
export async function copyControl({ from, to }: { from: string; to: string }): Promise<void> {
  // The library would make one where there is none.
  await (await open(from, "r+")).close();
  const copy = await open(to, "wx", 0o600);
  try {
    const connection = connectLibsql(from, lockWaitMs);
    try {
      await connection.exec(`vacuum into '${to.replaceAll("'", "''")}'`);
    } catch (cause) {
      throw new ControlOpenError("DATABASE_FAILED", `${from} could not be copied`, { cause });
    } finally {
      connection.close();
    }
    await copy.sync();
  } finally {
    await copy.close();
  }
  await syncDirectory(dirname(to));
}
