import { dirname, resolve } from "node:path";
import { didYouMean } from "@holdfast/protocol";
import { ConfigError } from "./config-error.ts";
import { settingRows, settings, type SettingRow } from "./settings.ts";
import { plainValue, readYamlFile } from "./yaml-file.ts";

/** A value and where it stands, for messages. */
export interface Sourced {
  readonly value: unknown;
  /** Begins a sentence: `--listen`, `HOLDFAST_LISTEN`, `listen in config.yaml:3:9`. */
  readonly origin: string;
  /** Where each key below it stands, by its name with dots: `limits.requestsPerSecond`. */
  readonly places?: ReadonlyMap<string, string>;
}

/** The settings of a YAML or JSON file by setting's name. An unknown key is refused, with its place. */
export async function readConfigFile(path: string): Promise<ReadonlyMap<string, Sourced>> {
  const flag = `--${settings.config.flag}`;
  const { document, place } = await readYamlFile(path, {
    kind: "configuration file",
    flag,
    named: `${flag} or ${settings.config.env}`,
  });
  const [{ isMap, isScalar }, { keyOf, keyPlaces }] = await Promise.all([
    import("yaml"),
    import("./key-places.ts"),
  ]);
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
    const origin = `${name} in ${at}`;
    const stated = plainValue(value, { document, origin });
    found.set(row.name, { value: fromFile(path, row, stated), origin, places });
  }
  return found;
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
