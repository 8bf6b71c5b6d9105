import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { run, temporaryFolder } from "./holdfast.ts";

/** A client of somebody's own: it says that everything is well, whatever happened. */
const liar = `
export const liar = {
  name: "liar",
  version: async () => "1.0.0",
  actions: ["get", "put"],
  open: async () => ({ act: async () => null, close: async () => {} }),
};
`;

test("a client that tells the truth passes, and the report is written in each form", async () => {
  const cwd = temporaryFolder();
  const args = ["probe", "client", "@holdfast/client", "--scenario", "a,b/wrong-secret"];
  const told = await run([...args, "--report", "p.md,p.json,p.html"], { cwd });
  expect(told).toMatchObject({ status: 0, stderr: "" });
  expect(told.stdout).toContain("2 pass, 0 diverges, 0 not driven, 0 not fired");
  expect(readdirSync(cwd).toSorted()).toEqual(["p.html", "p.json", "p.md"]);
  expect(readFileSync(join(cwd, "p.md"), "utf8")).toContain("| @holdfast/client | 0.1.0 | 2 | 0 |");
  expect(readFileSync(join(cwd, "p.html"), "utf8")).toContain('<td class="pass">pass</td>');
  const written: unknown = JSON.parse(readFileSync(join(cwd, "p.json"), "utf8"));
  const again = await run([...args, "--json"], { cwd });
  const ofAnyDate = { date: expect.any(String) };
  expect(JSON.parse(again.stdout)).toEqual(Object.assign(Object(written), ofAnyDate));
});

test("a client of one's own that lies is exit 1, beside one that does not", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "liar.mjs"), liar);
  const args = ["probe", "client", "./liar.mjs", "@holdfast/client", "--scenario", "a"];
  const { status, stdout } = await run(args, { cwd });
  expect(status).toBe(1);
  expect(stdout).toContain("liar 1.0.0: 0 pass, 1 diverges");
  expect(stdout).toContain("\nlies: liar (a)\n");
});

test("a scenario that a client has no call for is no divergence and no pass", async () => {
  const cwd = temporaryFolder();
  writeFileSync(join(cwd, "liar.mjs"), liar);
  const { status, stdout } = await run(["probe", "client", "./liar.mjs", "--scenario", "e"], {
    cwd,
  });
  expect(status).toBe(0);
  expect(stdout).toContain("0 pass, 0 diverges, 1 not driven");
});

test("a client that cannot be loaded was not asked, which is no success", async () => {
  const { status, stderr } = await run(["probe", "client", "./none.mjs", "--scenario", "a"]);
  expect(status).toBe(2);
  expect(stderr).toMatch(/^holdfast: \.\/none\.mjs was not asked: /);
});

test.each([
  [["@holdfast/cleint"], "did you mean @holdfast/client"],
  [[], "NAME|MODULE is missing: write holdfast probe client NAME|MODULE..."],
  [["@holdfast/client", "--scenario", "zz"], '"zz" is no scenario: '],
  [["@holdfast/client", "--report", "p.txt"], "files that end in .md, .json, .html"],
  [["@holdfast/client", "--report", "no/folder/p.md"], "no/folder/p.md cannot be written (ENOENT)"],
  [["@holdfast/client", "--seed", "x"], '--seed is "x": it must be a whole number'],
])("probe client %j is refused and nobody is asked", async (args, says) => {
  const { status, stdout, stderr } = await run(["probe", "client", ...args]);
  expect({ status, stdout }).toEqual({ status: 2, stdout: "" });
  expect(stderr).toContain(says);
});
