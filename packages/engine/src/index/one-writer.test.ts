import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { fsck } from "../fsck/fsck.ts";
import { openEngine } from "../open-engine.ts";

let folder: string;
let directory: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "holdfast-one-writer-"));
  directory = join(folder, "data");
});
afterEach(() => rmSync(folder, { recursive: true }));

const opening = `
  import { ClassicLevel } from "classic-level";
  const level = new ClassicLevel(process.argv[1]);
  await level.open().then(() => level.close(), ({ cause }) => console.log(cause.code));
`;

/** What another process meets that opens the index; nothing when it can. */
const refusalElsewhere = (): string =>
  execFileSync(
    process.execPath,
    ["--input-type=module", "--eval", opening, join(directory, "index")],
    { cwd: import.meta.dirname, encoding: "utf8" },
  ).trim();

test("a second engine of the same process is refused by any name, and other processes still are", async () => {
  const other = join(folder, "link");
  const engine = await openEngine({ directory });
  symlinkSync(directory, other);
  expect(refusalElsewhere()).toBe("LEVEL_LOCKED");
  for (const name of [directory, other]) {
    await expect(openEngine({ directory: name })).rejects.toMatchObject({
      code: "DIRECTORY_IN_USE",
    });
    await expect(fsck({ directory: name })).rejects.toMatchObject({ code: "DIRECTORY_IN_USE" });
    expect(refusalElsewhere()).toBe("LEVEL_LOCKED");
  }
  await engine.close();
  expect(await fsck({ directory })).toMatchObject({ opens: true });
  await (await openEngine({ directory: other })).close();
  expect(refusalElsewhere()).toBe("");
});

test("a disk that refuses the lock file is told by its errno", async () => {
  await (await openEngine({ directory })).close();
  rmSync(join(directory, "index/LOCK"));
  mkdirSync(join(directory, "index/LOCK"));
  const refused = { code: "DISK_FAILED", cause: { code: "EISDIR" } };
  await expect(openEngine({ directory })).rejects.toMatchObject(refused);
  await expect(fsck({ directory })).rejects.toMatchObject(refused);
});
