import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as source from "@holdfast/client";

const program = `
  const names = Object.keys(await import("@holdfast/client"));
  console.log(JSON.stringify({ names, file: import.meta.resolve("@holdfast/client") }));
`;

async function temporaryDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-package-"));
  onTestFinished(() => rm(directory, { recursive: true }));
  return directory;
}

/** Packs the client as for a registry, which builds it, and installs it without what it depends on. */
async function installAlone(directory: string): Promise<string> {
  const home = join(directory, "node_modules/@holdfast/client");
  await mkdir(home, { recursive: true });
  const pack = ["pack", "--silent", "--workspace", "@holdfast/client", "--pack-destination"];
  const packed = execFileSync("npm", [...pack, directory], { encoding: "utf8" }).trim();
  execFileSync("tar", ["-xzf", join(directory, packed), "-C", home, "--strip-components", "1"]);
  return home;
}

test("the published client is one file that needs only Node and exports what the sources do", async () => {
  const directory = await temporaryDirectory();
  const home = await installAlone(directory);
  const run = ["--input-type=module", "--eval", program];
  const output = execFileSync(process.execPath, run, { cwd: directory, encoding: "utf8" });
  const { names, file }: { names: string[]; file: string } = JSON.parse(output);
  expect(names.toSorted()).toEqual(Object.keys(source).toSorted());
  expect(file).toMatch(/\/dist\/bundle\.js$/);
  const text = await readFile(join(home, "dist/bundle.js"), "utf8");
  const imported = [...text.matchAll(/(?:\bfrom |^import |\bimport\()"([^"]+)"/gm)];
  expect(imported.filter(([, name = ""]) => !name.startsWith("node:"))).toEqual([]);
  expect(imported.length).toBeGreaterThan(0);
});
