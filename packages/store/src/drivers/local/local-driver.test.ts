import { link, mkdir, readdir, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { conformance } from "../../conformance/conformance.ts";
import { all } from "../../conformance/expect-failure.ts";
import { recorded } from "../../conformance/recorded.test.support.ts";
import { runAgainstModel } from "../../conformance/model-run.ts";
import type { Store } from "../../store.ts";
import { localSubject, makeLocal, type LocalFixture } from "./local-fixture.test.support.ts";

await conformance(localSubject, test, { results: recorded });

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

test(`a random run of 10,000 operations comes out as in memory (HOLDFAST_SEED=${seed})`, async () => {
  await runAgainstModel(fixture, { seed, steps: 10_000 });
}, 600_000);

let fixture: LocalFixture;
let root: string;
let store: Store;

beforeEach(async () => {
  fixture = await makeLocal();
  ({ root, store } = fixture);
});

afterEach(() => fixture.end());

test("no path leads through a symbolic link, within the root or out of it, and none is listed", async () => {
  await writeFile(join(root, "..", "secret"), "secret");
  await mkdir(join(root, "d"));
  await writeFile(join(root, "d", "f"), "kept");
  await symlink("../secret", join(root, "file"));
  await symlink("..", join(root, "up"));
  await symlink("d", join(root, "inside"));
  await symlink("../new", join(root, "dangling"));
  for (const path of ["file", "up/secret", "up/root/d/f", "inside/f", "inside", "dangling"]) {
    const invalid = { name: "InvalidPath", path };
    await expect(store.read(path)).rejects.toMatchObject(invalid);
    await expect(store.writeText(path, "", { overwrite: true })).rejects.toMatchObject(invalid);
    await expect(store.delete(path)).rejects.toMatchObject(invalid);
    await expect(store.copy(path, "x")).rejects.toMatchObject(invalid);
    await expect(store.copy("d/f", path)).rejects.toMatchObject(invalid);
    expect(await store.exists(path)).toBe(false);
  }
  const listed = await all(store.iterChildren(""));
  expect(listed.map(({ path }) => path)).toEqual(["d"]);
  await store.deleteFolder("d", { recursive: true });
  expect((await readdir(join(root, ".."))).toSorted()).toEqual(["root", "secret"]);
});

test("deleting a folder deletes a link in it and nothing behind it", async () => {
  await writeFile(join(root, "..", "secret"), "kept");
  await mkdir(join(root, "..", "outside"));
  await writeFile(join(root, "..", "outside", "f"), "kept");
  await store.writeText("d/f", "");
  await symlink("../../outside", join(root, "d", "link"));
  await store.deleteFolder("d", { recursive: true });
  expect(await readdir(join(root, "..", "outside"))).toEqual(["f"]);
});

test("a name that is kept for temporary files is refused, and a file left under it is not shown", async () => {
  const name = ".holdfast-00000000-0000-0000-0000-000000000000.tmp";
  await writeFile(join(root, name), "");
  await expect(store.read(name)).rejects.toMatchObject({ name: "InvalidPath" });
  expect(await all(store.listFiles("", { recursive: true }))).toEqual([]);
});

test("a directory that is not there is NotFound to a ping and to a write, and is not made", async () => {
  await rm(root, { recursive: true });
  await expect(store.ping()).rejects.toMatchObject({ name: "NotFound" });
  await expect(store.writeText("a/b", "")).rejects.toMatchObject({ name: "NotFound" });
  expect(await all(store.listFiles(""))).toEqual([]);
  expect(await readdir(join(root, ".."))).toEqual([]);
});

test("a name that is too long is InvalidPath", async () => {
  const path = "n".repeat(300);
  await expect(store.writeText(path, "")).rejects.toMatchObject({ name: "InvalidPath", path });
});

test("an overwritten file stays whole for whoever has it open, and for its other names", async () => {
  await store.writeText("f", "old");
  await link(join(root, "f"), join(root, "..", "other"));
  const stream = await store.read("f");
  await store.writeText("f", "new!", { overwrite: true });
  expect(Buffer.from(await stream.bytes()).toString()).toBe("old");
});

test("files that come and go at once in one folder are all stored", async () => {
  const rounds = Array.from({ length: 200 }, (_, index) => `d/e/${index % 4}`);
  const pools = [0, 1, 2, 3].map(async (lane) => {
    for (const [index, path] of rounds.entries()) {
      if (index % 4 !== lane) continue;
      await store.writeText(path, path);
      expect(await store.readText(path)).toBe(path);
      await store.delete(path);
    }
  });
  await Promise.all(pools);
  expect(await readdir(root)).toEqual([]);
});
