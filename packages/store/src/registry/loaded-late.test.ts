import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const home = join(import.meta.dirname, "../..");
const manifest: {
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
  readonly peerDependenciesMeta: Readonly<Record<string, { readonly optional: boolean }>>;
} = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));

/** What has to be there for a program, or a file, that asks for it, and for no other. */
const late = [
  ...Object.keys(manifest.peerDependencies),
  ...Object.keys(manifest.dependencies).filter((name) => !name.startsWith("@holdfast/")),
];

/** The packages that a module loads with itself: not its types, and not what it asks for later. */
function loadedBy(source: string): readonly string[] {
  const imports = source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?["']([^"'.][^"']*)["'];/gms);
  return [...imports].flatMap(([, name]) => name ?? []);
}

test("no module of the store loads a package that only some need before it is needed", () => {
  const modules = readdirSync(join(home, "src"), { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".ts") && !path.includes(".test."),
  );
  expect(modules.length).toBeGreaterThan(50);
  const loading = modules.flatMap((path) =>
    loadedBy(readFileSync(join(home, "src", path), "utf8"))
      .filter((name) => late.some((one) => name === one || name.startsWith(`${one}/`)))
      .map((name) => `${path} loads ${name}`),
  );
  expect(loading).toEqual([]);
});

test("a module that loads one is found, and one that asks later is not", () => {
  const source = `
import {
  a,
} from "ssh2";
import type { B } from "ssh2";
export * from "yaml";
const c = await import("ssh2");
import { d } from "./ssh2";
`;
  expect(loadedBy(source)).toEqual(["ssh2", "yaml"]);
});

test("every package that only some need is optional", () => {
  const names = Object.keys(manifest.peerDependencies);
  expect(names.length).toBeGreaterThan(0);
  expect(names.filter((name) => manifest.peerDependenciesMeta[name]?.optional !== true)).toEqual(
    [],
  );
});
