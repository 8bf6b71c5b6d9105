import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { main } from "./cli.ts";
import { helpText } from "./help.ts";
import type { ExitStatus } from "./terminal.ts";

interface Outcome {
  readonly status: ExitStatus;
  readonly out: string;
  readonly err: string;
}

async function holdfast(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  let [out, err] = ["", ""];
  const status = await main(args, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    env,
    nodeVersion: process.versions.node,
    stop: new AbortController().signal,
  });
  return { status, out, err };
}

test("help goes to stdout and is what docs/reference/cli.md shows", async () => {
  expect(await holdfast(["--help"])).toEqual({ status: 0, out: helpText(), err: "" });
  const page = readFileSync(new URL("../../../docs/reference/cli.md", import.meta.url), "utf8");
  expect(page).toContain(`\`\`\`text\n${helpText()}\`\`\`\n`);
});

test("the version is the package's", async () => {
  expect(await holdfast(["--version"])).toEqual({ status: 0, out: "0.1.0\n", err: "" });
});

test("a refusal is one sentence on stderr and exit 2", async () => {
  expect(await holdfast(["srve"])).toEqual({
    status: 2,
    out: "",
    err: 'holdfast: "srve" is not a command: did you mean serve; see holdfast --help.\n',
  });
});

test("a doctor on an old Node.js says so and exits 1", async () => {
  let out = "";
  const status = await main(["doctor", "--json", "--listen", "127.0.0.1:0"], {
    out: (text) => {
      out += text;
    },
    err: () => {},
    env: {},
    nodeVersion: "18.20.4",
    stop: new AbortController().signal,
  });
  expect(status).toBe(1);
  expect(JSON.parse(out)).toMatchObject({
    healthy: false,
    checks: expect.arrayContaining([
      expect.objectContaining({ check: "node", status: "fail", mend: expect.any(String) }),
    ]),
  });
});

test("the parser that lets requests hide in others is refused, as Node spells it and as it reads it", async () => {
  for (const option of ["--insecure-http-parser", "--insecure_http_parser"]) {
    const { status, err } = await holdfast(["serve"], { NODE_OPTIONS: `--no-warnings ${option}` });
    expect(status).toBe(2);
    expect(err).toContain("remove it from NODE_OPTIONS");
  }
});
