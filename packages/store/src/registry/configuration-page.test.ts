import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Group, Key, Keys } from "../config/keys.ts";
import type { BackendType } from "./backend-type.ts";
import { builtInTypes } from "./built-in-types.ts";
import { storeKeys } from "./registry-config.ts";

const types: readonly (readonly [name: string, type: BackendType])[] = Object.entries(builtInTypes);

function row(name: string, { kind, meaning, default: value, required }: Key): string {
  const isWords = value !== undefined && value.includes(" ");
  const absent = required === true ? "**required**" : isWords ? value : `\`${value}\``;
  const secrecy = kind.secret === true ? " Never shown." : "";
  const cell = value === undefined && required !== true ? "" : absent;
  return `| \`${name}\` | ${kind.expects} | ${cell} | ${meaning}${secrecy} |`;
}

function isGroup(key: Key | Group): key is Group {
  return "keys" in key;
}

/** A line for each key, those of a group below their group's own. */
function rows(keys: Keys, before = ""): readonly string[] {
  return Object.entries(keys).flatMap(([name, key]) =>
    isGroup(key)
      ? [
          `| \`${before}${name}\` | keys | | ${key.meaning} |`,
          ...rows(key.keys, `${before}${name}.`),
        ]
      : [row(before + name, key)],
  );
}

function table(keys: Keys): readonly string[] {
  return ["| key | must be | default | is |", "| --- | --- | --- | --- |", ...rows(keys), ""];
}

test("docs/reference/store-configuration.md is the table of keys", async () => {
  const page = [
    "# Configuration of stores",
    "",
    "What `Registry.from` and `Registry.fromFile` read. [Configure stores](../how-to/store/configure-stores.md) shows how.",
    "",
    "```yaml",
    "backends: # by name",
    "  main:",
    "    type: s3",
    "    bucket: reports",
    "stores: # by name",
    "  archive:",
    "    backend: main",
    "    root: archive",
    "```",
    "",
    "Both keys have to be there, and a key that is not listed here is a mistake. A `ConfigError` of the code `InvalidConfig`",
    "has a problem for each mistake, with the path of its key and nothing of any value. Numbers and `true` and `false` may",
    "also be text, because variables are. Relative paths are meant from the folder of the file, or from where the process",
    "was started.",
    "",
    "## Files",
    "",
    "The end of a file's name states its format: `.json`, `.yaml`, `.yml` or `.toml`. It is UTF-8 of 1 MiB at most. In",
    "each format a key that is there twice is a mistake, and so is one that is not text. A `ConfigError` of the code",
    "`UnreadableFile` has `file`, and of a syntax error `line` and `column`.",
    "",
    "## Variables",
    "",
    "With `env: true`, or an object of names and values instead of `true`, these are filled in wherever text is a value:",
    "",
    "| text | becomes |",
    "| --- | --- |",
    "| `${NAME}` | the variable's value; a mistake where it is unset or empty |",
    "| `${NAME:-text}` | the value, or the text (up to the first `}`) where it is unset or empty |",
    "| `$$` | a dollar sign |",
    "",
    "Any other dollar sign is itself, but `${` has to begin one of these. What is filled in is not looked at again. Keys",
    "are taken as they are. Without `env` nothing is filled in.",
    "",
    "## A store",
    "",
    ...table(storeKeys),
    ...types.flatMap(([name, { meaning, keys }]) => [
      `## A backend of type \`${name}\``,
      "",
      meaning,
      "",
      ...table(keys),
    ]),
  ];
  const text = `${page.join("\n").trimEnd()}\n`;
  await expect(text).toMatchFileSnapshot("../../../../docs/reference/store-configuration.md");
});

test("every key says what it is in a sentence, and no two of a type mean the same", () => {
  const meanings = (keys: Keys): readonly string[] =>
    Object.values(keys).flatMap((key) =>
      isGroup(key) ? [key.meaning, ...meanings(key.keys)] : [key.meaning],
    );
  for (const keys of [storeKeys, ...types.map(([, type]) => type.keys)]) {
    const said = meanings(keys);
    expect(said.filter((one) => !/^[A-Z].*\.$/s.test(one))).toEqual([]);
    expect(new Set(said).size).toBe(said.length);
  }
});

/** The numbers that options of a driver are said to be by default, by the option. */
function defaultsIn(file: string): readonly (readonly [option: string, value: string])[] {
  const source = readFileSync(join(import.meta.dirname, "../drivers", file), "utf8");
  const found = source.matchAll(
    /\/\*\*[^/]*?([\d,]+)(?: times)? by default[^/]*?\*\/\s+readonly (\w+)\??:/g,
  );
  return [...found].map(([, value = "", option = ""]) => [option, value.replaceAll(",", "")]);
}

const documented: readonly (readonly [file: string, count: number, keys: Keys])[] = [
  ["sftp/options.ts", 5, builtInTypes.sftp.keys],
  ["http/http-driver.ts", 2, builtInTypes.http.keys],
  ["http/send-request.ts", 3, builtInTypes.http.keys.timeouts.keys],
];

test.each(documented)("the numbers of %s are those of the reference", (file, count, keys) => {
  const said = defaultsIn(file);
  expect(said).toHaveLength(count);
  const stated = said.map(([option]) => {
    const key = keys[option];
    return [option, key !== undefined && !isGroup(key) ? key.default : undefined];
  });
  expect(stated).toEqual(said);
});
