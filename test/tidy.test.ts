import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { catalogue } from "@holdfast/protocol";

/** The arrows of ARCHITECTURE.md: what each package may import from its neighbours. */
const arrows: Record<string, readonly string[]> = {
  protocol: [],
  client: ["protocol"],
  engine: ["protocol"],
  store: ["client", "protocol"],
  gateway: ["engine", "protocol"],
  lab: ["client", "gateway", "protocol", "store"],
  cli: ["client", "gateway", "lab", "protocol", "store"],
};

const read = (path: string): string => readFileSync(path, "utf8");

const sources = readdirSync("packages", { recursive: true, encoding: "utf8" })
  .filter((path) => /\/src\/.*\.ts$/.test(path) && !path.includes("node_modules"))
  .map((path) => ({ path, text: read(`packages/${path}`) }));

test.each(Object.entries(arrows))("%s depends on %j and nothing else of ours", (name, allowed) => {
  const { dependencies = {} } = JSON.parse(read(`packages/${name}/package.json`));
  const ours = Object.keys(dependencies).filter((dependency) =>
    dependency.startsWith("@holdfast/"),
  );
  expect(ours.toSorted()).toEqual(allowed.map((neighbour) => `@holdfast/${neighbour}`).toSorted());
});

test("every package has its arrows", () => {
  expect(readdirSync("packages").toSorted()).toEqual(Object.keys(arrows).toSorted());
});

test("only the catalogue spells an error's message", () => {
  const messages = Object.values(catalogue).map(({ message }) => message);
  const restating = sources.filter(
    ({ path, text }) =>
      !path.endsWith("errors/catalogue.ts") &&
      !path.endsWith(".test.ts") &&
      messages.some((message) => text.includes(message)),
  );
  expect(restating.map(({ path }) => path)).toEqual([]);
});

test("docs/reference/errors.md is the catalogue", async () => {
  const rows = Object.entries(catalogue).map(
    ([code, { status, kind, retry }]) => `| ${code} | ${status} | ${kind} | ${retry} |`,
  );
  const page = [
    "# Errors",
    "",
    "| code | status | kind | retry |",
    "| --- | --- | --- | --- |",
    ...rows,
    "",
  ];
  await expect(page.join("\n")).toMatchFileSnapshot("../docs/reference/errors.md");
});
