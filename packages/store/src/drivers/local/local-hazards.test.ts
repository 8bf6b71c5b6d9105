import { execFile } from "node:child_process";
import {
  appendFile,
  link,
  lstat,
  mkdir,
  mkdtemp,
  readdir,
  rm,
  truncate,
  utimes,
  writeFile,
} from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterEach, beforeEach, expect, test } from "vitest";
import { all } from "../../conformance/expect-failure.ts";
import { Store } from "../../store.ts";
import { LocalDriver } from "./local-driver.ts";
import { makeLocal, type LocalFixture } from "./local-fixture.test.support.ts";

const run = promisify(execFile);

let fixture: LocalFixture;
let root: string;
let store: Store;

beforeEach(async () => {
  fixture = await makeLocal();
  ({ root, store } = fixture);
});

afterEach(() => fixture.end());

test.skipIf(process.platform === "win32")(
  "a listing that meets a path too long for the system fails, and is not taken for empty",
  async () => {
    await store.writeText("a", "");
    const name = "n".repeat(200);
    const deeper = `for i in $(seq 25); do mkdir ${name} && cd ${name}; done; : > f`;
    await run("bash", ["-c", deeper], { cwd: root });
    try {
      const listed = all(store.listFiles("", { recursive: true }));
      await expect(listed).rejects.toMatchObject({
        name: "RemoteStoreError",
        code: "ENAMETOOLONG",
      });
      await expect(store.getFolderInfo("")).rejects.toMatchObject({ code: "ENAMETOOLONG" });
      expect((await all(store.iterChildren(""))).map(({ path }) => path)).toEqual(["a", name]);
    } finally {
      await run("rm", ["-rf", join(root, name)]);
    }
  },
);

test("a move onto another name of the same file leaves one of them", async () => {
  await store.writeText("a", "kept");
  await link(join(root, "a"), join(root, "b"));
  await store.move("a", "b", { overwrite: true });
  expect(await readdir(root)).toEqual(["b"]);
  expect(await store.readText("b")).toBe("kept");
});

test("a write whose folder is deleted meanwhile is not NotFound, and the deletion does not blame what came into its way", async () => {
  const outcomes = new Map<string, number>();
  for (let round = 0; round < 30; round += 1) {
    await store.writeText(`f${round}/old`, "");
    const results = await Promise.allSettled([
      store.writeText(`f${round}/new`, ""),
      store.deleteFolder(`f${round}`, { recursive: true }),
      store.writeText(`f${round}/other`, "", { overwrite: true }),
    ]);
    for (const result of results) {
      if (result.status === "fulfilled") continue;
      expect(result.reason).toMatchObject({ name: "RemoteStoreError", retryable: true });
      outcomes.set(String(result.reason), 1);
    }
  }
  expect(outcomes.size).toBeGreaterThan(0);
  const left = await readdir(root, { recursive: true });
  expect(left.filter((name) => name.includes(".holdfast"))).toEqual([]);
});

test("a deletion of a folder ends with its signal", async () => {
  for (let folder = 0; folder < 20; folder += 1) {
    await mkdir(join(root, "f", String(folder)), { recursive: true });
    const names = Array.from({ length: 100 }, (_, at) => join(root, "f", String(folder), `${at}`));
    await Promise.all(names.map((name) => writeFile(name, "")));
  }
  const controller = new AbortController();
  const deleted = store.deleteFolder("f", { recursive: true, signal: controller.signal });
  setTimeout(() => controller.abort("enough"), 5);
  await expect(deleted).rejects.toMatchObject({ name: "Aborted", cause: "enough" });
  const left = await readdir(join(root, "f"), { recursive: true });
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await readdir(join(root, "f"), { recursive: true })).toHaveLength(left.length);
  await store.deleteFolder("f", { recursive: true });
  expect(await readdir(root)).toEqual([]);
});

test.runIf(process.platform === "linux")(
  "two names that are the same text are listed once, and one that is no text goes with its folder",
  async () => {
    await writeFile(Buffer.concat([Buffer.from(join(root, "a")), Buffer.from([0xff])]), "x");
    await writeFile(join(root, "a\uFFFD"), "text");
    await mkdir(join(root, "d"));
    await writeFile(Buffer.concat([Buffer.from(join(root, "d/")), Buffer.from([0xfe])]), "x");
    await store.deleteFolder("d", { recursive: true });
    expect((await all(store.listFiles(""))).map(({ path }) => path)).toEqual(["a\uFFFD"]);
  },
);

const isRoot = process.platform === "linux" && process.getuid?.() === 0;
if (!isRoot) console.log("Skipped: a disk without an inode left needs Linux and its root user.");

test.runIf(isRoot)(
  "on a disk without room for another name, files can still be deleted",
  async () => {
    const disk = await mkdtemp(join(tmpdir(), "holdfast-full-"));
    await run("mount", ["-t", "tmpfs", "-o", "size=1m,nr_inodes=5", "none", disk]);
    try {
      const full = Store.over(new LocalDriver({ root: disk }));
      await full.writeText("a", "");
      for (const name of ["b", "c", "d"])
        await writeFile(join(disk, name), "").catch(() => undefined);
      const write = full.writeText("e", "");
      await expect(write).rejects.toMatchObject({ name: "QuotaExceeded", code: "ENOSPC" });
      await full.delete("a");
      await expect(lstat(join(disk, "a"))).rejects.toMatchObject({ code: "ENOENT" });
      await full.writeText("a", "", { overwrite: true }).catch(() => undefined);
    } finally {
      await run("umount", [disk]);
      await rm(disk, { recursive: true });
    }
  },
);

test("what another program changes in a file in its place is never read as a mixture, and a log can be read", async () => {
  const path = join(root, "f");
  const old = Buffer.alloc(3_000_000, 1);
  const reads = {
    pieces: async (): Promise<void> => {
      let pieces = 0;
      for await (const piece of await store.read("f")) {
        expect(piece[0]).toBe(pieces === 0 ? 1 : 2);
        pieces += 1;
        if (pieces === 1) await writeFile(path, Buffer.alloc(old.length, 2), { flag: "r+" });
      }
    },
    part: async (): Promise<void> => {
      const stream = await store.read("f", { offset: 5, length: 600_000 });
      for await (const _ of stream) await writeFile(path, "x", { flag: "r+" });
    },
  };
  for (const read of Object.values(reads)) {
    await writeFile(path, old);
    await utimes(path, 1, 1);
    await expect(read()).rejects.toMatchObject({ name: "ModifiedDuringRead", path: "f" });
  }
  await writeFile(path, old);
  let size = 0;
  for await (const piece of await store.read("f")) {
    size += piece.byteLength;
    await appendFile(path, "another line");
  }
  expect(size).toBe(old.length);
});

test.runIf(process.platform === "linux")(
  "a file too large for memory is refused as that",
  async () => {
    await writeFile(join(root, "f"), "");
    await truncate(join(root, "f"), 2 ** 43);
    const read = store.readBytes("f");
    await expect(read).rejects.toMatchObject({
      path: "f",
      message: expect.stringContaining("too many bytes"),
    });
  },
);

test("bytes whose stream is disposed of meanwhile are not cut short", async () => {
  await store.write("f", new Uint8Array(64_000_000));
  const stream = await store.read("f");
  const bytes = stream.bytes().catch((error: unknown) => error);
  await stream.dispose();
  expect(await bytes).toMatchObject({ name: "Aborted", path: "f" });
});
