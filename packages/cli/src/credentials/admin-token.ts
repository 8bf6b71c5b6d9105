import { randomBytes } from "node:crypto";
import { join } from "node:path";
import { ConfigError } from "../config/config-error.ts";
import { readPrivateFile, writePrivateFile } from "../private-file.ts";

/** The name that it has in a data directory. */
export const adminTokenName = "admin-token";

const tokenBytes = 32;
const form = /^[A-Za-z0-9_-]{43,512}$/;

/** Where a data directory keeps the token of its admin listener. */
export function adminTokenPath(directory: string): string {
  return join(directory, adminTokenName);
}

/** The one that is kept, or nothing when none is. Refuses a file that others may read. */
export async function readAdminToken(directory: string): Promise<string | undefined> {
  const path = adminTokenPath(directory);
  const token = (await readPrivateFile(path, "the admin token"))?.trim();
  if (token === undefined || form.test(token)) return token;
  throw new ConfigError(
    `${path} holds no admin token`,
    "restore it, or remove it to have a new one made at the next start",
  );
}

/** The one that is kept; 256 random bits, stored first, when there is none. Only for who holds the directory. */
export async function ensureAdminToken(directory: string): Promise<string> {
  const kept = await readAdminToken(directory);
  if (kept !== undefined) return kept;
  const made = randomBytes(tokenBytes).toString("base64url");
  await writePrivateFile(adminTokenPath(directory), `${made}\n`);
  return made;
}
