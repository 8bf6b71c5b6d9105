import { createSecretKey, randomBytes } from "node:crypto";
import { readFileSync, statSync } from "node:fs";
import { link, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ControlOpenError } from "./open-error.ts";
import type { MasterKey } from "./sealing.ts";
import { syncDirectory } from "./sync-directory.ts";

const keyShape = /^([A-Za-z0-9_-]{1,64}):([A-Za-z0-9_-]{43}=?)$/;
const sizeBytesMax = 65_536;

/**
 * Where the master keys are: a file of mode 0600, or the text itself. One key a line, or separated by commas:
 * `name:key`, the key being 32 bytes in base64url. The first seals; all of them open.
 */
export type MasterKeySource = { readonly file: string } | { readonly text: string };

/** The master keys that this process knows. */
export class MasterKeys {
  readonly #source: MasterKeySource;
  #keys: ReadonlyMap<string, MasterKey>;
  #current: MasterKey;

  private constructor(source: MasterKeySource) {
    this.#source = source;
    const keys = readKeys(source);
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#current = keys[0];
  }

  /** Reads them, or throws a `ControlOpenError` that says what is wrong with them. */
  static read(source: MasterKeySource): MasterKeys {
    return new MasterKeys(source);
  }

  /** The one that seals. */
  get current(): MasterKey {
    return this.#current;
  }

  find(id: string): MasterKey | undefined {
    return this.#keys.get(id);
  }

  /** Reads a file again; throws as `read` does, and for a name whose key is another now, and keeps the keys it had. */
  readAgain(): void {
    const keys = readKeys(this.#source);
    const other = keys.find(({ id, key }) => this.#keys.get(id)?.key.equals(key) === false);
    if (other !== undefined) throw wrongKey(other.id);
    this.#keys = new Map(keys.map((key) => [key.id, key]));
    this.#current = keys[0];
  }
}

type Keys = readonly [MasterKey, ...MasterKey[]];

function readKeys(source: MasterKeySource): Keys {
  if ("text" in source) return parseKeys(source.text, "the master keys of the environment");
  return parseKeys(readPrivateFile(source.file), source.file);
}

function readPrivateFile(path: string): string {
  try {
    const { mode, size } = statSync(path);
    if ((mode & 0o077) !== 0) {
      throw new ControlOpenError(
        "KEY_EXPOSED",
        `others may read the master keys in ${path} (mode ${(mode & 0o777).toString(8).padStart(4, "0")}): make it 0600`,
      );
    }
    if (size > sizeBytesMax) throw malformed(path);
    return readFileSync(path, "utf8");
  } catch (cause) {
    if (cause instanceof ControlOpenError) throw cause;
    throw new ControlOpenError("KEY_MISSING", `the master keys in ${path} cannot be read`, {
      cause,
    });
  }
}

function parseKeys(text: string, where: string): Keys {
  const [first, ...others] = text
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => parseKey(line, where));
  const ids = new Set([first, ...others].map((key) => key?.id));
  if (first === undefined || ids.size !== 1 + others.length) throw malformed(where);
  return [first, ...others];
}

function parseKey(line: string, where: string): MasterKey {
  const [, id, encoded] = keyShape.exec(line) ?? [];
  if (id === undefined || encoded === undefined) throw malformed(where);
  return { id, key: createSecretKey(Buffer.from(encoded, "base64url")) };
}

function malformed(where: string): ControlOpenError {
  return new ControlOpenError(
    "KEY_MALFORMED",
    `${where} must hold lines of a name, a colon and 32 bytes in base64url, each name once`,
  );
}

/** That a name stands for another key than it did. */
export function wrongKey(id: string): ControlOpenError {
  return new ControlOpenError(
    "KEY_WRONG",
    `the master key ${id} is not the one of that name that credentials were sealed under`,
  );
}

/** Makes the file with a fresh key unless there is one; whole, on stable storage, and once, whoever else tries. */
export async function ensureMasterKeyFile(path: string): Promise<void> {
  try {
    await putFile(path, `${freshMasterKey()}\n`, link);
  } catch (cause) {
    if (!(cause instanceof Error && "code" in cause && cause.code === "EEXIST")) throw cause;
  }
}

/** Puts a fresh key before the others in a file: from then on it seals. What they sealed waits for `reseal`. */
export async function addMasterKey(path: string): Promise<void> {
  readKeys({ file: path });
  await putFile(path, `${freshMasterKey()}\n${readPrivateFile(path)}`, rename);
}

function freshMasterKey(): string {
  return `${randomBytes(4).toString("hex")}:${randomBytes(32).toString("base64url")}`;
}

async function putFile(path: string, text: string, put: typeof rename): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const file = await open(temporary, "wx", 0o600);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await put(temporary, path);
  } finally {
    await rm(temporary, { force: true });
  }
  await syncDirectory(dirname(path));
}
