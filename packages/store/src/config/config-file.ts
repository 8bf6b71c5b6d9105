import { open } from "node:fs/promises";
import { dirname, extname, resolve } from "node:path";
import { ConfigError, type ConfigErrorFields } from "./config-error.ts";
import { parsers } from "./formats.ts";
import { SyntaxMistake } from "./syntax-mistake.ts";

/** What a config file says, still to be checked. */
export interface ConfigFile {
  readonly config: unknown;
  /** Where the file is, as an absolute path. */
  readonly folder: string;
}

const bytesMax = 2 ** 20;

/** Reads a file by the format that the end of its name states. Rejects with a `ConfigError` of `UnreadableFile`. */
export async function readConfigFile(path: string): Promise<ConfigFile> {
  const parse = parsers[extname(path).toLowerCase()];
  if (parse === undefined) {
    throw unreadable(path, `its name must end in one of ${Object.keys(parsers).join(", ")}`);
  }
  const text = decoded(path, await bytesOf(path));
  try {
    return { config: await parse(text), folder: resolve(dirname(path)) };
  } catch (error) {
    if (!(error instanceof SyntaxMistake)) throw error;
    throw unreadable(path, error.message, error.place);
  }
}

async function bytesOf(path: string): Promise<Uint8Array> {
  const bytes = await read(path);
  if (bytes.byteLength <= bytesMax) return bytes;
  throw unreadable(path, "it is larger than 1 MiB, so it is no config");
}

/** Its bytes, or as many as show that it is too large. */
async function read(path: string): Promise<Uint8Array> {
  try {
    const handle = await open(path, "r");
    try {
      const pieces: Uint8Array[] = [];
      for await (const piece of handle.createReadStream({ end: bytesMax, autoClose: false })) {
        pieces.push(piece);
      }
      return Buffer.concat(pieces);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw unreadable(path, "it cannot be read", { cause });
  }
}

function decoded(path: string, bytes: Uint8Array): string {
  try {
    return new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    throw unreadable(path, "it is not UTF-8", { cause });
  }
}

function unreadable(
  file: string,
  message: string,
  fields: Pick<ConfigErrorFields, "line" | "column" | "cause"> = {},
): ConfigError {
  return new ConfigError({
    code: "UnreadableFile",
    problems: [{ keys: [], message }],
    file,
    ...fields,
  });
}
