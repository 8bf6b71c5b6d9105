import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cells } from "@holdfast/store/conformance";

async function nodeTest(file: string): Promise<{ code: unknown; printed: string }> {
  // Within a run of Vitest, Node's runner would take itself for a part of it.
  const { NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const parameters = ["--test", "--test-reporter=tap", join(import.meta.dirname, file)];
  const child = spawn(process.execPath, parameters, { env, stdio: ["ignore", "pipe", "inherit"] });
  let printed = "";
  child.stdout.on("data", (piece: Buffer) => {
    printed += piece.toString();
  });
  const [code]: unknown[] = await once(child, "close");
  return { code, printed };
}

function count(printed: string, what: string): number {
  return Number(new RegExp(`^# ${what} (\\d+)$`, "m").exec(printed)?.[1]);
}

test("the conformance suite runs under node:test, and skips with its reasons", async () => {
  const { code, printed } = await nodeTest("node-test-memory.mjs");
  expect([code, printed.includes("\nnot ok")]).toEqual([0, false]);
  // Beside the cells: that the fixture is declared, the outcomes, and the closing line.
  expect(count(printed, "tests")).toBe(cells.length + 3);
  expect(count(printed, "fail")).toBe(0);
  expect(count(printed, "skipped")).toBeGreaterThan(20);
  expect(printed).toContain("without reset: it has no wire # SKIP");
  expect(printed).toMatch(/memory: \d+ cells, \d+ held, 0 broken/);
});
