import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { checkDisk } from "./disk.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-doctor-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

test("a directory that can be written is left as it was", async () => {
  const findings = await checkDisk(folder);
  expect(findings.map(({ check }) => check)).toEqual(["directory", "space", "fsync"]);
  expect(findings[0]).toMatchObject({ status: "ok", detail: `${folder} can be written` });
  expect(readdirSync(folder)).toEqual([]);
});

test("a directory that does not exist yet is tried where it would be made, and is not made", async () => {
  const [directory] = await checkDisk(join(folder, "a", "b"));
  expect(directory).toMatchObject({
    status: "ok",
    detail: `${join(folder, "a", "b")} (to be made in ${folder}) can be written`,
  });
  expect(readdirSync(folder)).toEqual([]);
});

test("a path that is or lies below a file is wrong, and says what to do", async () => {
  const file = join(folder, "file");
  writeFileSync(file, "kept");
  for (const path of [file, join(file, "below")]) {
    const [finding, ...others] = await checkDisk(path);
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ check: "directory", status: "fail" });
    expect(finding?.detail).toContain("ENOTDIR");
    expect(finding?.mend).toContain("--data");
  }
});
