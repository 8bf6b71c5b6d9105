import * as v from "valibot";
import { ConfigError } from "./config-error.ts";
import { readConfigFile, type Sourced } from "./config-file.ts";
import {
  settingRows,
  settings,
  settingsSchema,
  type SettingRow,
  type Settings,
} from "./settings.ts";

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * Every setting from the first place that has it: flag, environment, file, default. Rejects with a
 * `ConfigError` that names each wrong one and where it came from. Reads nothing but the file.
 */
export async function resolveSettings(
  flags: ReadonlyMap<string, string>,
  env: Environment,
): Promise<Settings> {
  const named = fromFlags(flags).get("config") ?? fromEnvironment(env).get("config");
  const file =
    typeof named?.value === "string"
      ? await readConfigFile(named.value)
      : new Map<string, Sourced>();
  const found = new Map([...file, ...fromEnvironment(env), ...fromFlags(flags)]);
  const values = Object.fromEntries(
    settingRows.map((row) => [
      row.name,
      found.has(row.name) ? found.get(row.name)?.value : row.default,
    ]),
  );
  const result = v.safeParse(settingsSchema, values);
  if (!result.success) throw refusal(result.issues, found);
  refuseHalfCredential(result.output);
  return result.output;
}

function fromFlags(flags: ReadonlyMap<string, string>): Map<string, Sourced> {
  return new Map(
    settingRows.flatMap(({ name, flag }) => {
      const value = flag === undefined ? undefined : flags.get(flag);
      return value === undefined ? [] : [[name, { value, origin: `--${flag}` }] as const];
    }),
  );
}

/** An empty variable counts as unset, as compose files and CI systems mean it. */
function fromEnvironment(env: Environment): Map<string, Sourced> {
  return new Map(
    settingRows.flatMap(({ name, env: variable }) => {
      const value = variable === undefined ? undefined : env[variable];
      return variable === undefined || value === undefined || value === ""
        ? []
        : [[name, { value, origin: variable }] as const];
    }),
  );
}

interface Issue {
  readonly path?: readonly { readonly key?: unknown }[] | undefined;
}

function refusal(issues: readonly Issue[], found: ReadonlyMap<string, Sourced>): ConfigError {
  const wrong = new Set(issues.map(({ path }) => path?.[0]?.key));
  const rows = settingRows
    .filter(({ name }) => wrong.has(name))
    .map((row) => {
      const [inner] = issues.flatMap((issue) => innerRefusal(row, issue, found));
      if (inner !== undefined) return inner;
      const { origin, value } = found.get(row.name) ?? { origin: row.name, value: undefined };
      // What stands in a section may be a secret at the wrong place.
      const isShown = !row.secret && row.section === undefined;
      const problem = isShown ? `${origin} is ${shown(value)}` : `${origin} is malformed`;
      return { problem, origin, expects: row.expects };
    });
  const mend = rows.map(({ origin, expects }) =>
    rows.length === 1 ? `it must be ${expects}` : `${origin} must be ${expects}`,
  );
  return new ConfigError(rows.map(({ problem }) => problem).join(" and "), mend.join("; "));
}

interface Refused {
  readonly problem: string;
  readonly origin: string;
  readonly expects: string;
}

/** A wrong value below a setting: which it is and what it must be, never what it is. */
function innerRefusal(
  { name, section }: SettingRow,
  { path = [] }: Issue,
  found: ReadonlyMap<string, Sourced>,
): readonly Refused[] {
  if (section === undefined) return [];
  const words = path.slice(0, section.isNamed ? 3 : 2).map(({ key }) => String(key));
  const key = words[section.isNamed ? 2 : 1] ?? "";
  const expects = section.keys[key]?.expects;
  if (words[0] !== name || expects === undefined) return [];
  const origin = words.join(".");
  const place = found.get(name)?.places?.get(origin);
  const problem = place === undefined ? `${origin} is missing` : `${place} is malformed`;
  return [{ problem, origin, expects }];
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 100 ? `${text.slice(0, 100)}…` : text;
}

function refuseHalfCredential({ rootAccessKeyId, rootSecretAccessKey }: Settings): void {
  if ((rootAccessKeyId === undefined) === (rootSecretAccessKey === undefined)) return;
  const [set, missing] =
    rootSecretAccessKey === undefined
      ? [settings.rootAccessKeyId.env, settings.rootSecretAccessKey.env]
      : [settings.rootSecretAccessKey.env, settings.rootAccessKeyId.env];
  throw new ConfigError(
    `${set} is set and ${missing} is not`,
    "set both, or neither to use the key that the data directory keeps",
  );
}
