import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { expect, test } from "vitest";

/** The arrows of ARCHITECTURE.md: what each package may import from its neighbours, and by which of their doors. */
const arrows: Readonly<Record<string, readonly string[]>> = {
  protocol: [],
  engine: ["protocol"],
  client: ["protocol"],
  store: ["client", "protocol"],
  gateway: ["client/transport", "engine", "protocol"],
  lab: ["client", "engine", "gateway", "protocol", "store"],
  cli: ["engine", "gateway", "lab", "protocol"],
};

interface Import {
  readonly file: string;
  readonly specifier: string;
}

/** Every module that a source names, whether it imports, re-exports, or asks for it later. */
function importsOf(file: string, text: string): Import[] {
  const patterns = [/\bfrom\s+"([^"]+)"/g, /\bimport\s+"([^"]+)"/g, /\bimport\("([^"]+)"\)/g];
  return patterns.flatMap((pattern) =>
    [...text.matchAll(pattern)].map(([, specifier = ""]) => ({ file, specifier })),
  );
}

/** What an import breaks, as a sentence, or nothing. */
function violation(name: string, { file, specifier }: Import): string | undefined {
  if (specifier.startsWith(".")) {
    const target = resolve(dirname(file), specifier);
    const inside = !relative(resolve(`packages/${name}/src`), target).startsWith("..");
    return inside ? undefined : `${file} reaches out of its package: ${specifier}`;
  }
  const [, door, neighbour = "", inner] = /^@holdfast\/(([^/]+)(\/.*)?)$/.exec(specifier) ?? [];
  if (door === undefined || arrows[name]?.includes(door) === true) return undefined;
  const isKnown = arrows[name]?.includes(neighbour) === true;
  if (inner !== undefined && isKnown) return `${file} reaches into a package: ${specifier}`;
  return `${file} breaks an arrow: ${specifier}`;
}

const read = (path: string): string => readFileSync(path, "utf8");

function sourcesOf(name: string): string[] {
  return readdirSync(`packages/${name}/src`, { recursive: true, encoding: "utf8" })
    .filter((path) => path.endsWith(".ts"))
    .map((path) => join(`packages/${name}/src`, path));
}

test("every package has its arrows", () => {
  const packages = readdirSync("packages").filter((name) => existsSync(`packages/${name}/src`));
  expect(packages.toSorted()).toEqual(Object.keys(arrows).toSorted());
});

test.each(Object.entries(arrows))("%s depends on %j and nothing else of ours", (name, allowed) => {
  const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`));
  const ours = Object.keys(dependencies).filter((one) => one.startsWith("@holdfast/"));
  const neighbours = allowed.map((door) => `@holdfast/${door.replace(/\/.*/, "")}`);
  expect(ours.toSorted()).toEqual(neighbours.toSorted());
});

test.each(Object.keys(arrows))("%s imports along its arrows, by the front door", (name) => {
  const imports = sourcesOf(name).flatMap((file) => importsOf(file, read(file)));
  expect(imports.length).toBeGreaterThan(0);
  expect(imports.flatMap((one) => violation(name, one) ?? [])).toEqual([]);
});

test("an import against an arrow, into a package or out of one is found", () => {
  const file = "packages/engine/src/engine.ts";
  const text = [
    'import { a } from "@holdfast/gateway";',
    'export { b } from "@holdfast/protocol/src/names.ts";',
    'const c = await import("../../gateway/src/index.ts");',
    'import { d } from "@holdfast/protocol";',
  ].join("\n");
  const found = importsOf(file, text).flatMap((one) => violation("engine", one) ?? []);
  expect(found).toHaveLength(3);
});

test("who may use a package's side door may not use its front door for that", () => {
  const file = "packages/gateway/src/gateway.ts";
  const text =
    'import { a } from "@holdfast/client";\nimport { b } from "@holdfast/client/transport";';
  const found = importsOf(file, text).flatMap((one) => violation("gateway", one) ?? []);
  expect(found).toEqual([`${file} breaks an arrow: @holdfast/client`]);
});

test("protocol does no I/O: it imports no socket, no file and no clock", () => {
  const allowed = new Set(["node:crypto", "node:zlib", "node:buffer"]);
  const builtins = sourcesOf("protocol")
    .filter((file) => !/\.test\./.test(file))
    .flatMap((file) => importsOf(file, read(file)))
    .filter(({ specifier }) => specifier.startsWith("node:") && !allowed.has(specifier));
  expect(builtins).toEqual([]);
});
