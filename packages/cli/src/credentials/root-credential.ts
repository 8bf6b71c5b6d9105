import { randomInt } from "node:crypto";
import { join } from "node:path";
import * as v from "valibot";
import { ConfigError } from "../config/config-error.ts";
import { settings } from "../config/settings.ts";
import { readPrivateFile, writePrivateFile } from "../private-file.ts";

export interface RootCredential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const schema = v.strictObject({
  accessKeyId: v.nonOptional(settings.rootAccessKeyId.schema),
  secretAccessKey: v.nonOptional(settings.rootSecretAccessKey.schema),
});

/** The name of the file in a data directory that keeps its root credential. */
export const rootCredentialFile = "root-credential.json";

/** Where a data directory keeps its root credential. */
export function rootCredentialPath(directory: string): string {
  return join(directory, rootCredentialFile);
}

/** The one that is kept, or nothing when none is. Refuses a file that others may read. */
export async function readRootCredential(directory: string): Promise<RootCredential | undefined> {
  const path = rootCredentialPath(directory);
  const text = await readPrivateFile(path, "the root secret");
  if (text === undefined) return undefined;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (result.success) return result.output;
  throw new ConfigError(
    `${path} holds no root credential`,
    "restore it, or remove it to have a new one made at the next start",
  );
}

/** The one that is kept; made and stored first when there is none. Only for who holds the directory. */
export async function ensureRootCredential(directory: string): Promise<RootCredential> {
  const kept = await readRootCredential(directory);
  if (kept !== undefined) return kept;
  const made = {
    accessKeyId: `HF${randomText(18, "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")}`,
    secretAccessKey: randomText(
      40,
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
    ),
  };
  await writePrivateFile(rootCredentialPath(directory), `${JSON.stringify(made)}\n`);
  return made;
}

function randomText(length: number, alphabet: string): string {
  return Array.from({ length }, () => alphabet.charAt(randomInt(alphabet.length))).join("");
}
