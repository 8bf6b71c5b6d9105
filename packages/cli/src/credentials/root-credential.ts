import { randomInt } from "node:crypto";
import { open } from "node:fs/promises";
import { join } from "node:path";
import * as v from "valibot";
import { ConfigError } from "../config/config-error.ts";
import { settings } from "../config/settings.ts";
import { errorCode } from "../error-code.ts";
import { writePrivateFile } from "../private-file.ts";
import { shellQuote } from "../shell-quote.ts";

export interface RootCredential {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

const schema = v.strictObject({
  accessKeyId: v.nonOptional(settings.rootAccessKeyId.schema),
  secretAccessKey: v.nonOptional(settings.rootSecretAccessKey.schema),
});

const sizeBytesMax = 4096;

/** The name of the file in a data directory that keeps its root credential. */
export const rootCredentialFile = "root-credential.json";

/** Where a data directory keeps its root credential. */
export function rootCredentialPath(directory: string): string {
  return join(directory, rootCredentialFile);
}

/** The one that is kept, or nothing when none is. Refuses a file that others may read. */
export async function readRootCredential(directory: string): Promise<RootCredential | undefined> {
  const path = rootCredentialPath(directory);
  const text = await readPrivate(path);
  if (text === undefined) return undefined;
  const result = v.safeParse(v.pipe(v.string(), v.parseJson(), schema), text);
  if (result.success) return result.output;
  throw new ConfigError(
    `${path} holds no root credential`,
    "restore it, or remove it to have a new key made at the next start",
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

async function readPrivate(path: string): Promise<string | undefined> {
  try {
    const handle = await open(path, "r");
    try {
      const { mode } = await handle.stat();
      if ((mode & 0o077) !== 0) {
        throw new ConfigError(
          `${path} holds the root secret and others may read it (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
          `run chmod 600 ${shellQuote(path)}, or remove it to have a new key made`,
        );
      }
      const bytes = Buffer.alloc(sizeBytesMax);
      const { bytesRead } = await handle.read(bytes, 0, sizeBytesMax, 0);
      return bytes.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const code = errorCode(cause);
    // ENOTDIR is the data directory's own failure, and is reported as that when it is opened.
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw new ConfigError(
      `${path} cannot be read (${code ?? "unknown"})`,
      "give it to the user who runs the server, with mode 0600",
      { cause },
    );
  }
}
