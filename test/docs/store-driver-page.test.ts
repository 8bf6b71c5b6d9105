import { expect, test } from "vitest";
import { codeOfPage } from "./code-of-page.ts";
import { runTypeScript } from "./run-typescript.ts";

const code = codeOfPage("docs/how-to/store/write-a-driver.md");

test("the driver of write-a-driver.md keeps every promise of the conformance suite", async () => {
  const printed = await runTypeScript(code, ["store"]);
  expect(printed).toContain("a,b\nInvalidPath\n");
  const { pass, fail, skipped } = Object.fromEntries(
    [...printed.matchAll(/^# (pass|fail|skipped) (\d+)$/gm)].map(([, name, count]) => [
      name,
      count,
    ]),
  );
  process.stdout.write(`the page's driver: ${pass} cells passed, ${skipped} skipped\n`);
  expect(fail).toBe("0");
  expect(Number(pass)).toBeGreaterThan(100);
});

test.each([
  [
    "a condition of a write",
    "this.#table.set(key, value, expected)",
    "this.#table.set(key, value)",
  ],
  ["memory that is used again", "pieces.push(Uint8Array.from(piece))", "pieces.push(piece)"],
  ["a range's end", "row.value.subarray(offset, end)", "row.value.subarray(offset)"],
])("a driver as on the page that is careless of %s is noticed", async (_name, find, replace) => {
  expect(code.split(find)).toHaveLength(2);
  await expect(runTypeScript(code.replace(find, replace), ["store"])).rejects.toMatchObject({
    stdout: expect.stringMatching(/^# fail [1-9]/m),
  });
});
