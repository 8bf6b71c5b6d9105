import { execFile } from "node:child_process";
import { chown, mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { expect, onTestFinished, test } from "vitest";

const nobody = 65_534;
const isRoot = process.getuid?.() === 0;

test("what was done and could not be brought onto stable storage is ambiguous, and what was refused is not", async () => {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  // To root no folder is unreadable.
  if (isRoot) await chown(root, nobody, nobody);
  const user = isRoot ? { uid: nobody, gid: nobody } : {};
  const script = join(import.meta.dirname, "unreadable-folder.mjs");
  const { stdout } = await promisify(execFile)(process.execPath, [script, root], user);
  const done = { name: "PermissionDenied", code: "EACCES", ambiguous: true };
  expect(JSON.parse(stdout)).toEqual({
    create: done,
    overwrite: done,
    move: done,
    delete: done,
    refused: { name: "AlreadyExists", code: "EEXIST", ambiguous: false },
  });
  expect((await readdir(join(root, "d"))).toSorted()).toEqual(["a", "c", "moved"]);
});
