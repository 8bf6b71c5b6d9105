import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";

let folder = "";

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-unsteady-"));
  symlinkSync(resolve("node_modules"), join(folder, "node_modules"));
  const unsteady = pathToFileURL(resolve("test/unsteady.ts")).href;
  const config = `import { retriesInCi, Unsteady } from "${unsteady}";
export default { test: { retry: retriesInCi, reporters: [new Unsteady()] } };`;
  writeFileSync(join(folder, "vitest.config.mjs"), config);
});

afterEach(() => rmSync(folder, { recursive: true }));

/** Puts a file of tests there that pass at their second try, or never. */
function put(path: string, { count, ever }: { count: number; ever: boolean }): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  const text = `import { expect, test } from "vitest";
const tries = new Map();
test.each(Array.from({ length: ${count} }, (_, index) => index))("number %i", (index) => {
  tries.set(index, (tries.get(index) ?? 0) + 1);
  expect(${ever} && tries.get(index)).toBe(2);
});`;
  writeFileSync(join(folder, path), text);
}

function run({ CI }: { CI: string }): { readonly status: number | null; readonly said: string } {
  const vitest = resolve("node_modules/vitest/vitest.mjs");
  const env = { ...process.env, CI };
  const ran = spawnSync(process.execPath, [vitest, "run"], { cwd: folder, env, encoding: "utf8" });
  return { status: ran.status, said: ran.stdout };
}

test("in CI a test that passes when tried again does not fail the run, and is named", () => {
  put("test/store/shaky.test.js", { count: 2, ever: true });
  const { status, said } = run({ CI: "true" });
  expect(said).toContain("unsteady: 2 failed once");
  expect(said).toContain("test/store/shaky.test.js > number 1");
  expect(said).toContain("expected 1 to be 2");
  expect(status).toBe(0);
});

test("more than two of them fail the run", () => {
  put("test/store/shaky.test.js", { count: 3, ever: true });
  expect(run({ CI: "true" })).toMatchObject({ status: 1 });
});

test("a proof that fails once fails the run", () => {
  put("test/proofs/kill.test.js", { count: 1, ever: true });
  const { status, said } = run({ CI: "true" });
  expect(said).toContain("A proof has no second try");
  expect(status).toBe(1);
});

test("a test that fails twice fails the run, and on a desk once is enough", () => {
  put("test/store/broken.test.js", { count: 1, ever: false });
  expect(run({ CI: "true" })).toMatchObject({ status: 1 });
  put("test/store/broken.test.js", { count: 1, ever: true });
  expect(run({ CI: "" })).toMatchObject({ status: 1 });
});
