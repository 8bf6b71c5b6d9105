import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { run, serve, temporaryFolder } from "../e2e/holdfast.ts";

interface Shown {
  readonly command: string;
  readonly output: string;
}

/** The commands of a page with what it shows behind them. */
function shownOn(path: string): readonly Shown[] {
  const blocks = readFileSync(path, "utf8").matchAll(/^```console\n(.*?)^```$/gms);
  return [...blocks].flatMap(([, block = ""]) =>
    block
      .split(/^\$ /m)
      .slice(1)
      .map((text) => {
        const end = text.indexOf("\n");
        return { command: text.slice(0, end), output: text.slice(end + 1) };
      }),
  );
}

/** What is another each time: keys, secrets, moments. */
function masked(text: string): string {
  return text
    .replaceAll(/AKIA[A-Z2-7]{16}/g, "ID")
    .replaceAll(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, "MOMENT")
    .replaceAll(/(secret access key +)\S{40}$/gm, "$1SECRET");
}

test("the commands of give-tenants-credentials.md say what the page shows", async () => {
  const data = temporaryFolder();
  await serve(["--data", data, "--buckets", "uploads"]);
  const shown = shownOn("docs/how-to/give-tenants-credentials.md");
  expect(shown.length).toBeGreaterThan(5);
  for (const { command, output } of shown) {
    const [name, ...words] = command.replaceAll("'", "").split(" ");
    expect(name).toBe("holdfast");
    const { stdout, stderr } = await run([...words, "--data", data]);
    expect([command, masked(stdout + stderr)]).toEqual([command, masked(output)]);
  }
});
