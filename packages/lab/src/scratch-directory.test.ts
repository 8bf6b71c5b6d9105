import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, dirname, join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { makeScratchDirectory } from "./scratch-directory.ts";

function emptyBase(): string {
  const base = mkdtempSync(join(tmpdir(), "holdfast-scratch-test-"));
  onTestFinished(() => rmSync(base, { recursive: true }));
  return base;
}

/** What another process would have made, and filled. */
function madeBy(pid: number, base: string): string {
  const own = makeScratchDirectory("lab", base);
  const name = basename(own).replace(`-${process.pid}-`, `-${pid}-`);
  rmSync(own, { recursive: true });
  const other = join(base, name);
  mkdirSync(join(other, "index"), { recursive: true });
  writeFileSync(join(other, "index", "MANIFEST"), "");
  return other;
}

test("what a killed process left is taken away by the next of its kind, and what a living one has is not", async () => {
  const base = emptyBase();
  const living = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const killed = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
  const [mine, theirs, left] = [process.pid, living.pid ?? 0, killed.pid ?? 0].map((pid) =>
    madeBy(pid, base),
  );
  killed.kill("SIGKILL");
  await once(killed, "exit");
  makeScratchDirectory("subject", base);
  expect(existsSync(left ?? "")).toBe(true);
  makeScratchDirectory("lab", base);
  expect([mine, theirs, left].map((path) => existsSync(path ?? ""))).toEqual([true, true, false]);
  living.kill("SIGKILL");
  await once(living, "exit");
});

test("nothing is touched that is named otherwise, or by another system of processes", () => {
  const base = emptyBase();
  const names = ["holdfast-lab-", "holdfast-lab-x", "holdfast-lab-1-4194999-a", "holdfast", "a"];
  for (const name of names) mkdirSync(join(base, name));
  const made = makeScratchDirectory("lab", base);
  expect(dirname(made)).toBe(base);
  expect(readdirSync(base).toSorted()).toEqual([...names, basename(made)].toSorted());
});
