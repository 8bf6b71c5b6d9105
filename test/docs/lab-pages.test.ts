import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkFault, divergences, endpointQuestions, FaultError, type Fault } from "@holdfast/lab";
import { expect, test } from "vitest";
import { run, serve, serveLab, temporaryFolder } from "../e2e/holdfast.ts";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

const root = join(import.meta.dirname, "../..");
const page = (name: string): string => readFileSync(join(root, "docs", name), "utf8");

/** A folder with the named files of a page, and what a project would have installed. */
function projectOf(name: string): string {
  const folder = temporaryFolder();
  mkdirSync(join(folder, "node_modules"));
  for (const installed of ["@holdfast", "@aws-sdk", "vitest"]) {
    symlinkSync(join(root, "node_modules", installed), join(folder, "node_modules", installed));
  }
  const files = [...page(name).matchAll(/^```\w+ (\S+)\n(.*?)^```$/gms)];
  expect(files.length).toBeGreaterThan(0);
  for (const [, file = "", text = ""] of files) writeFileSync(join(folder, file), text);
  return folder;
}

interface Ran {
  readonly status: number | null;
  readonly said: string;
}

/** Runs a program as a project's user would, who has `holdfast` among the commands. */
function ran(cwd: string, program: string, parameters: readonly string[]): Ran {
  const { PATH = "", HOME = "" } = process.env;
  const env = { PATH: `${join(root, "node_modules/.bin")}:${PATH}`, HOME, CI: "1", NO_COLOR: "1" };
  const { status, stdout, stderr } = spawnSync(program, parameters, { cwd, env, encoding: "utf8" });
  return { status, said: `${stdout}${stderr}` };
}

const own = "how-to/lab/test-your-own-code.md";
const any = "how-to/lab/test-from-any-language.md";

test("the tests of test-your-own-code.md pass with node:test", () => {
  const { status, said } = ran(projectOf(own), process.execPath, ["--test", "importer.test.mjs"]);
  expect({ status, said }).toMatchObject({ status: 0, said: expect.stringMatching(/pass 3$/m) });
});

test("the tests of test-your-own-code.md pass with Vitest", () => {
  const vitest = join(root, "node_modules/vitest/vitest.mjs");
  const parameters = [vitest, "run", "importer.vitest.test.mjs"];
  const { status, said } = ran(projectOf(own), process.execPath, parameters);
  expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining("1 passed") });
});

test("the tests of test-your-own-code.md can fail: without its faults none of them passes", () => {
  const folder = projectOf(own);
  const file = join(folder, "importer.test.mjs");
  writeFileSync(file, readFileSync(file, "utf8").replaceAll(/^ +lab\.fault.*$/gm, ""));
  const { status, said } = ran(folder, process.execPath, ["--test", "importer.test.mjs"]);
  expect([status, said]).toEqual([1, expect.stringMatching(/fail 3$/m)]);
});

const without = (program: string, parameters: readonly string[]): string => {
  const { status } = spawnSync(program, parameters, { stdio: "ignore" });
  return status === 0 ? "" : `${program} ${parameters.join(" ")} does not work here`;
};

test("the tests of test-from-any-language.md pass with pytest and boto3", ({ skip }) => {
  const reason = without("python3", ["-c", "import boto3, pytest"]);
  if (reason !== "") skip(reason);
  const { status, said } = ran(projectOf(any), "python3", [
    "-m",
    "pytest",
    "-q",
    "-p",
    "no:cacheprovider",
  ]);
  expect({ status, said }).toMatchObject({ status: 0, said: expect.stringContaining("3 passed") });
});

test("the tests of test-from-any-language.md pass with go test", ({ skip }) => {
  const reason = without("go", ["version"]);
  if (reason !== "") skip(reason);
  const folder = projectOf(any);
  writeFileSync(join(folder, "go.mod"), "module importer\n\ngo 1.19\n");
  const { status, said } = ran(folder, "go", ["test", "-count=1", "./..."]);
  expect({ status, said }).toMatchObject({ status: 0, said: expect.stringMatching(/^ok/m) });
}, 180_000);

/** The first lines of what `holdfast lab …` says to people, on a port of its own. */
function announced(cwd: string, command: string): string {
  const script = `${command} --port 0 > said & lab=$!
until grep -q 'Ctrl+C' said; do sleep 0.05; done; kill -TERM $lab; wait $lab; cat said`;
  const env = { PATH: `${join(root, "node_modules/.bin")}:${process.env["PATH"] ?? ""}` };
  return execFileSync("/bin/sh", ["-c", script], { cwd, env, encoding: "utf8", stdio: "pipe" });
}

const masked = (text: string): string => text.replaceAll(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT");

test("a lab says what test-from-any-language.md shows", async () => {
  const folder = projectOf(any);
  const gateway = await serve(["--data", join(temporaryFolder(), "d")]);
  const shown = [...page(any).matchAll(/^```console\n\$ ([^\n]*)\n(.*?)^```$/gms)];
  expect(shown).toHaveLength(2);
  for (const [, command = "", output = ""] of shown) {
    const said = announced(folder, command.replace("http://127.0.0.1:9000", gateway.endpoint));
    expect(masked(said)).toContain(masked(output));
  }
});

test("the table of test-from-any-language.md has each page of a lab", async () => {
  const lab = await serveLab(["serve"]);
  const rows = [...page(any).matchAll(/^\| `([A-Z]+) (\/-\/lab\/\S+)` /gm)];
  expect(rows.length).toBe(7);
  for (const [, method = "", path = ""] of rows) {
    const body = path.endsWith("skew") ? '{"ms":0}' : '{"reset":true}';
    const answer = await fetch(`${lab.endpoint}${path.replace("ID", "1")}`, {
      method,
      ...(method === "POST" && { body }),
    });
    expect([path, answer.ok]).toEqual([path, true]);
  }
});

test("the adapter of write-an-adapter.md is asked, and found to lose names", async () => {
  const name = "how-to/lab/write-an-adapter.md";
  const cwd = projectOf(name);
  const [, command = "", output = ""] =
    /^```console\n\$ holdfast ([^\n]*)\n(.*?)^```$/ms.exec(page(name)) ?? [];
  const { status, stdout } = await run(command.split(" "), { cwd });
  expect(status).toBe(1);
  expect(stdout).toContain(output);
  expect(stdout).toContain("loses the name: my-client (a, b)");
});

test("the scenario of write-a-scenario.md is played", async () => {
  const printed = await runTypeScript(codeOfPage("docs/how-to/lab/write-a-scenario.md"), ["lab"]);
  expect(printed.trim().split("\n")).toEqual(["pass", "true"]);
});

test("audit.md names every way to diverge, and as many questions as there are", () => {
  const text = page("how-to/lab/audit.md");
  for (const divergence of divergences) expect(text).toContain(`\`${divergence}\``);
  expect(endpointQuestions).toHaveLength(40);
  expect(text).toContain("forty requests");
});

/** The words that a mistaken one is told of: all there are. */
function knownWords(
  within: (fault: Readonly<Record<string, number>>) => unknown,
): readonly string[] {
  try {
    checkFault(within({ zzzzzz: 1 }));
  } catch (error) {
    const [mend = ""] = error instanceof FaultError ? error.issues.map((issue) => issue.mend) : [];
    return mend.replace(/^.*known are /, "").split(", ");
  }
  throw new Error("it was taken for a fault");
}

test("faults.md has every word of a fault, with an example that is one", () => {
  const rows = [...page("reference/faults.md").matchAll(/^\| (`.*?`) +\|.*\| `(\{.*\})` +\|$/gm)];
  const words = rows.flatMap(([, cell = ""]) => cell.replaceAll("`", "").split(", "));
  const known = [...knownWords((one) => one), ...knownWords((one) => ({ then: one }))];
  expect(words.toSorted()).toEqual(known.toSorted());
  for (const [, cell = "", example = ""] of rows) {
    const fault: Fault = JSON.parse(example);
    expect(checkFault(fault)).toBeDefined();
    for (const word of cell.replaceAll("`", "").split(", ").slice(0, 1)) {
      expect(example).toContain(`"${word}"`.replace('"prefix"', '"suffix"'));
    }
  }
});
