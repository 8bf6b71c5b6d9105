import { open } from "node:fs/promises";
import type { Document } from "yaml";
import { errorCode } from "../error-code.ts";
import { ConfigError } from "./config-error.ts";

/** A file of YAML or JSON, read and not yet understood. */
export interface YamlFile {
  readonly document: Document.Parsed;
  /** `FILE:LINE:COLUMN` of an offset in its text. */
  readonly place: (offset: number) => string;
}

/** For messages: what the file is for. */
interface Purpose {
  /** Such as `configuration file`. */
  readonly kind: string;
  /** The option that names it. */
  readonly flag: string;
  /** All that can name it, where that is more than the option. */
  readonly named?: string;
}

const sizeBytesMax = 1024 ** 2;

/** Rejects with a `ConfigError` that says where it is broken. */
export async function readYamlFile(path: string, purpose: Purpose): Promise<YamlFile> {
  const text = await readText(path, purpose);
  const { LineCounter, parseDocument } = await import("yaml");
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken === undefined) return { document, place };
  throw new ConfigError(
    `${place(broken.pos[0])} is not valid YAML or JSON`,
    `mend it there (${broken.message})`,
    { cause: broken },
  );
}

interface Convertible {
  toJS(document: unknown): unknown;
}

/** What a node stands for. Throws a `ConfigError` for aliases that would multiply without end. */
export function plainValue(
  node: unknown,
  { document, origin }: { readonly document: unknown; readonly origin: string },
): unknown {
  try {
    return isConvertible(node) ? node.toJS(document) : node;
  } catch (cause) {
    const mend = "write the value out instead";
    throw new ConfigError(`${origin} has aliases that cannot be followed`, mend, { cause });
  }
}

function isConvertible(node: unknown): node is Convertible {
  return typeof node === "object" && node !== null && "toJS" in node;
}

async function readText(path: string, { kind, flag, named = flag }: Purpose): Promise<string> {
  try {
    const handle = await open(path, "r");
    try {
      const bytes = Buffer.alloc(sizeBytesMax + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      if (bytesRead > sizeBytesMax) {
        throw new ConfigError(
          `${path} is larger than 1 MiB, so it is no ${kind}`,
          `name another with ${flag}`,
        );
      }
      return bytes.toString("utf8", 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (cause) {
    if (cause instanceof ConfigError) throw cause;
    const why = errorCode(cause) ?? "unknown";
    throw new ConfigError(
      `The ${kind} ${path} cannot be read (${why})`,
      `name one that can with ${named}`,
      { cause },
    );
  }
}
