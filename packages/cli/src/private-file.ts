import { randomBytes } from "node:crypto";
import { open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { ConfigError } from "./config/config-error.ts";
import { errorCode } from "./error-code.ts";
import { shellQuote } from "./shell-quote.ts";

const sizeBytesMax = 4096;

/** Puts a file in place whole or not at all, mode 0600, and on stable storage when it resolves. */
export async function writePrivateFile(path: string, text: string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString("hex")}.tmp`;
  try {
    const handle = await open(temporary, "wx", 0o600);
    try {
      await handle.writeFile(text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  await syncDirectory(dirname(path));
}

/** Makes the names in a directory durable. */
export async function syncDirectory(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** The text of a file that nobody but its owner may read, up to 4 KiB of it; nothing when there is none. */
export async function readPrivateFile(path: string, holds: string): Promise<string | undefined> {
  try {
    const handle = await open(path, "r");
    try {
      const { mode } = await handle.stat();
      if ((mode & 0o077) !== 0) {
        throw new ConfigError(
          `${path} holds ${holds} and others may read it (mode ${(mode & 0o777).toString(8).padStart(4, "0")})`,
          `run chmod 600 ${shellQuote(path)}, or remove it to have a new one made`,
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
