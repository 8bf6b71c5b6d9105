import { open } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { didYouMean } from "@holdfast/protocol";
import { ConfigError } from "./config-error.ts";
import { errorCode } from "../error-code.ts";
import { settingRows, settings, type SettingRow } from "./settings.ts";

/** A value and where it stands, for messages. */
export interface Sourced {
  readonly value: unknown;
  /** Begins a sentence: `--listen`, `HOLDFAST_LISTEN`, `listen in config.yaml:3:9`. */
  readonly origin: string;
  /** Where each key below it stands, by its name with dots: `limits.requestsPerSecond`. */
  readonly places?: ReadonlyMap<string, string>;
}

const sizeBytesMax = 1024 ** 2;

/** The settings of a YAML or JSON file by setting's name. An unknown key is refused, with its place. */
export async function readConfigFile(path: string): Promise<ReadonlyMap<string, Sourced>> {
  const text = await readText(path);
  const [{ isMap, isScalar, LineCounter, parseDocument }, { keyOf, keyPlaces }] = await Promise.all(
    [import("yaml"), import("./key-places.ts")],
  );
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const place = (offset: number): string => {
    const { line, col } = lines.linePos(offset);
    return `${path}:${line}:${col}`;
  };
  const [broken] = document.errors;
  if (broken !== undefined) {
    throw new ConfigError(
      `${place(broken.pos[0])} is not valid YAML or JSON`,
      `mend it there (${broken.message})`,
      { cause: broken },
    );
  }
  const found = new Map<string, Sourced>();
  const { contents } = document;
  if (contents === null || (isScalar(contents) && contents.value === null)) return found;
  if (!isMap(contents)) {
    throw new ConfigError(
      `${path} holds no settings by name`,
      'write them as in "listen: 127.0.0.1:9000"',
    );
  }
  for (const { key, value } of contents.items) {
    const { name, at } = keyOf(key, { path, place });
    const row = settingOf(name, at);
    const places = keyPlaces(value, { row, path, place });
    try {
      const stated = plain(value, document);
      const origin = `${name} in ${at}`;
      found.set(row.name, { value: fromFile(path, row, stated), origin, places });
    } catch (cause) {
      const mend = "write the value out instead";
      throw new ConfigError(`${name} in ${at} has aliases that cannot be followed`, mend, {
        cause,
      });
    }
  }
  return found;
}

interface Convertible {
  toJS(document: unknown): unknown;
}

/** What a node stands for. Throws for aliases that would multiply without end. */
function plain(node: unknown, document: unknown): unknown {
  return isConvertible(node) ? node.toJS(document) : node;
}

function isConvertible(node: unknown): node is Convertible {
  return typeof node === "object" && node !== null && "toJS" in node;
}

function settingOf(key: string, at: string): SettingRow {
  const row = settingRows.find(({ file }) => file === key);
  if (row !== undefined) return row;
  const known = settingRows.flatMap(({ file }) => file ?? []);
  throw new ConfigError(
    `${JSON.stringify(key)} at ${at} is not a setting`,
    `${didYouMean(key, known)}known are ${known.join(", ")}`,
  );
}

/** A path in a file is meant from where the file stands, wherever the command was started. */
function fromFile(file: string, { isPath, section }: SettingRow, value: unknown): unknown {
  if (isPath === true) return pathFrom(file, value);
  if (section === undefined || !isRecord(value)) return value;
  const { keys, isNamed } = section;
  const resolved = (map: unknown): unknown =>
    isRecord(map)
      ? Object.fromEntries(
          Object.entries(map).map(([key, one]) => [
            key,
            keys[key]?.isPath === true ? pathFrom(file, one) : one,
          ]),
        )
      : map;
  if (!isNamed) return resolved(value);
  return Object.fromEntries(Object.entries(value).map(([name, map]) => [name, resolved(map)]));
}

function pathFrom(file: string, value: unknown): unknown {
  return typeof value === "string" && value !== "" ? resolve(dirname(file), value) : value;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

async function readText(path: string): Promise<string> {
  try {
    const handle = await open(path, "r");
    try {
      const bytes = Buffer.alloc(sizeBytesMax + 1);
      const { bytesRead } = await handle.read(bytes, 0, bytes.length, 0);
      if (bytesRead > sizeBytesMax) {
        throw new ConfigError(
          `${path} is larger than 1 MiB, so it is no configuration file`,
          "name another with --config",
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
      `The configuration file ${path} cannot be read (${why})`,
      `name one that can with --config or ${settings.config.env}`,
      { cause },
    );
  }
}
