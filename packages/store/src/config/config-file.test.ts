import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { inspect } from "node:util";
import * as fc from "fast-check";
import { stringify as tomlOf } from "smol-toml";
import { afterAll, expect, test } from "vitest";
import { stringify as yamlOf } from "yaml";
import { readConfigFile } from "./config-file.ts";

const folder = await mkdtemp(join(tmpdir(), "holdfast-config-"));
afterAll(() => rm(folder, { recursive: true }));

async function fileOf(name: string, content: string | Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

async function said(name: string, content: string): Promise<unknown> {
  return (await readConfigFile(await fileOf(name, content))).config;
}

const formats: readonly (readonly [name: string, write: (config: unknown) => string])[] = [
  ["a.json", (config) => JSON.stringify(config)],
  ["a.yaml", (config) => yamlOf(config)],
  ["a.yml", (config) => yamlOf(config)],
  ["A.TOML", tomlOf],
];

const key = fc.oneof(
  fc.constantFrom("__proto__", "constructor", "a.b", "", "<<", "y", "1", "ü"),
  fc.string({ unit: "grapheme" }),
);
const leaf = fc.oneof(
  fc.string({ unit: "grapheme" }),
  fc.constantFrom("${A}", "1", "true", "null", "~", "2026-11-21"),
  fc.boolean(),
  fc.maxSafeInteger(),
);
const { config: configs } = fc.letrec<{ config: unknown; value: unknown }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, leaf, tie("config"), fc.array(leaf, { maxLength: 3 })),
  config: fc.dictionary(key, tie("value"), { maxKeys: 4 }),
}));

test("the same config says the same in each format", async () => {
  await fc.assert(
    fc.asyncProperty(configs, async (config) => {
      // Without the prototypes that the parsers give it, which nobody reads.
      const meant: unknown = JSON.parse(JSON.stringify(config));
      for (const [name, write] of formats) {
        const found = await said(name, write(config));
        expect([name, JSON.parse(JSON.stringify(found))]).toEqual([name, meant]);
      }
    }),
  );
  expect(Object.keys(Object.prototype)).toEqual([]);
});

test("a byte order mark before a config is none of it", async () => {
  for (const [name, write] of formats) {
    expect(await said(name, `\uFEFF${write({ a: "b" })}`)).toEqual({ a: "b" });
  }
});

const secret = "hunter2-is-no-password";

test.each([
  ["a.json", `{\n  "secret": "${secret}",\n  "a": 1,\n}`, 4, 1],
  ["b.json", `{"a": "${secret}" "b"}`, 1, 32],
  ["c.json", `{"a": 1,\r\n "a": "${secret}"}`, 2, 2],
  ["a.yaml", `a: 1\nsecret: "${secret}" and more`, 2, 34],
  ["b.yaml", `a: ${secret}\na: 2`, 2, 1],
  ["c.yaml", `a: !unknown ${secret}`, 1, 4],
  ["d.yaml", `a: [${secret}\nb: 1`, 2, 1],
  ["e.yaml", `a: 1\n---\nb: ${secret}`, 2, 1],
  ["f.yaml", `? [${secret}]\n: 1`, 1, 3],
  ["a.toml", `a = 1\nsecret = ${secret}`, 2, 10],
  ["b.toml", `a = 1\na = "${secret}"`, 2, 1],
  ["c.toml", `[a]\nb = "${secret}`, 2, 5],
])(
  "%s: what is not in its format has a place, and nothing of it shows",
  async (...[name, text, line, column]) => {
    const path = await fileOf(name, text);
    const error: unknown = await readConfigFile(path).catch((thrown: unknown) => thrown);
    const expected = { name: "ConfigError", code: "UnreadableFile", file: path, line, column };
    expect(error).toMatchObject(expected);
    expect(String(error)).toContain(`${path}:${line}:${column}: `);
    expect(inspect(error, { depth: 9, showHidden: true })).not.toContain(secret);
  },
);

test("a file that is missing, a folder, too large, not UTF-8 or of no known format is told so", async () => {
  await mkdir(join(folder, "folder.json"));
  const cases = [
    [join(folder, "none.json"), "it cannot be read", { code: "ENOENT" }],
    [join(folder, "folder.json"), "it cannot be read", { code: "EISDIR" }],
    [await fileOf("large.json", " ".repeat(2 ** 20 + 1)), "it is larger than 1 MiB", undefined],
    [await fileOf("latin1.yaml", Buffer.from("a: \xE4", "latin1")), "it is not UTF-8", undefined],
    [
      await fileOf("a.ini", "[a]"),
      "its name must end in one of .json, .yaml, .yml, .toml",
      undefined,
    ],
    [await fileOf("json", "{}"), "its name must end in", undefined],
  ] as const;
  for (const [path, message, cause] of cases) {
    const error: unknown = await readConfigFile(path).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({
      name: "ConfigError",
      code: "UnreadableFile",
      file: path,
      message: expect.stringContaining(`${path}: ${message}`),
      ...(cause !== undefined && { cause }),
    });
  }
});

test("a file as large as may be is read or refused, whatever its depth and its keys", async () => {
  const size = 2 ** 20;
  const filled = (part: string): string => part.repeat(size / part.length);
  const keys = (line: (index: number) => string): string =>
    Array.from({ length: 80_000 }, (_, index) => line(index)).join("\n");
  const cases: readonly (readonly [string, string, "read" | "refused"])[] = [
    ["deep.json", filled("["), "refused"],
    ["closed.json", "[".repeat(size / 2) + "]".repeat(size / 2), "read"],
    ["deep.yaml", filled("["), "refused"],
    ["maps.yaml", filled("{a: "), "refused"],
    ["lists.yaml", filled("- "), "refused"],
    ["questions.yaml", filled("? "), "refused"],
    ["keys.yaml", keys((index) => `a${index}: 1`), "read"],
    ["laughs.yaml", `a: &a [x,x,x,x,x,x,x,x,x]\n${laughs()}`, "refused"],
    ["deep.toml", `a=${filled("[").slice(2)}`, "refused"],
    ["dots.toml", `a${filled(".a").slice(4)}=1`, "read"],
    ["keys.toml", keys((index) => `a${index} = 1`), "read"],
  ];
  for (const [name, text, expected] of cases) {
    const outcome = await said(name, text).then(
      () => "read",
      (error: unknown) => error,
    );
    if (expected === "read") expect([name, outcome]).toEqual([name, "read"]);
    else expect([name, outcome]).toMatchObject([name, { code: "UnreadableFile" }]);
  }
});

/** Nine levels of aliases, each nine times what the one before it is. */
function laughs(): string {
  return Array.from("bcdefghij")
    .map((name, index) => {
      const before = "abcdefghij"[index];
      return `${name}: &${name} [${Array.from({ length: 9 }, () => `*${before}`).join()}]`;
    })
    .join("\n");
}
