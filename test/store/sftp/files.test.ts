import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RemoteStoreError } from "@holdfast/store";
import { leftovers } from "./fixture.ts";
import { failureOf, fixtureOf, until } from "./in-test.ts";

test("by version 3 of the protocol, a replacement that is cut leaves the old file or the new one", async () => {
  for (let cut = 1; cut <= 3; cut += 1) {
    for (const verdict of ["cut-before", "cut-after"] as const) {
      const { root, server, store } = await fixtureOf({ server: "sftp3" });
      await store.writeText("f", "old");
      const before = server.counts.get("rename") ?? 0;
      server.verdict = (name, count) =>
        name === "rename" && count === before + cut ? verdict : undefined;
      const error = await failureOf(store.writeText("f", "new", { overwrite: true }));
      expect(error).toMatchObject({ name: "BackendUnavailable", ambiguous: true });
      expect(["old", "new"]).toContain(await store.readText("f"));
      expect(await leftovers(root, store)).toEqual([]);
    }
  }
});

test("each file that replaces another has an etag of its own, though the protocol counts in seconds", async () => {
  const { root, store } = await fixtureOf();
  const etags = new Set<string | undefined>();
  for (let count = 0; count < 10; count += 1) {
    const written = await store.writeText("f", String(count), { overwrite: true });
    etags.add(written.etag);
    expect((await store.getFileInfo("f")).etag).toBe(written.etag);
  }
  expect(etags.size).toBe(10);
  await utimes(join(root, "f"), 1, 4_000_000_000);
  const now = Date.now();
  const { modifiedAt } = await store.writeText("f", "x", { overwrite: true });
  expect(Math.abs((modifiedAt?.getTime() ?? 0) - now)).toBeLessThan(5000);
});

test("a read goes on with the file that it began with while another takes its name", async () => {
  const { store } = await fixtureOf();
  await store.write("f", new Uint8Array(5_000_000).fill(1));
  const stream = await store.read("f");
  await store.write("f", new Uint8Array(5_000_000).fill(2), { overwrite: true });
  expect((await stream.bytes()).every((byte) => byte === 1)).toBe(true);
});

test("a file that is cut short while it is read is ModifiedDuringRead", async () => {
  const { root, store } = await fixtureOf();
  await store.write("f", new Uint8Array(5_000_000));
  const stream = await store.read("f");
  await writeFile(join(root, "f"), "short");
  await expect(stream.bytes()).rejects.toMatchObject({ name: "ModifiedDuringRead", path: "f" });
});

test("a copy is made by the server where it can, else over the connection, and is the same", async () => {
  const { server, store } = await fixtureOf();
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  await store.write("f", bytes);
  const reads = server.counts.get("read");
  await store.copy("f", "d/g");
  expect(server.counts.get("read")).toBe(reads);
  expect(bytes.equals(await store.readBytes("d/g"))).toBe(true);
  server.verdict = (name) => (name === "copy-data" ? { status: 8 } : undefined);
  await store.copy("f", "d/h");
  expect(bytes.equals(await store.readBytes("d/h"))).toBe(true);
  await until(() => server.openHandles === 0);
});

test("a write that the server says it has done and has not is an IntegrityError, and nothing is stored", async () => {
  const { root, server, store } = await fixtureOf();
  await store.writeText("d/f", "old");
  await store.write("d/g", new Uint8Array(100_000));
  server.verdict = (name) => (name === "write" ? { status: 0 } : undefined);
  const lost = store.write("d/f", new Uint8Array(200_000), { overwrite: true });
  expect(await failureOf(lost)).toMatchObject({ name: "IntegrityError", path: "d/f" });
  server.verdict = (name) => (name === "copy-data" ? { status: 0 } : undefined);
  const copied = store.copy("d/g", "d/f", { overwrite: true });
  expect(await failureOf(copied)).toMatchObject({ name: "IntegrityError", path: "d/g" });
  server.verdict = () => undefined;
  expect(await store.readText("d/f")).toBe("old");
  expect(await leftovers(root, store)).toEqual([]);
});

test("a listing ends with an answer that has no names in it", async () => {
  const { server, store } = await fixtureOf();
  await store.writeText("d/f", "");
  const nothing = { reply: { type: 104, payload: Buffer.alloc(4) } };
  server.verdict = (name, count) => (name === "readdir" && count > 1 ? nothing : undefined);
  const listed: string[] = [];
  const signal = AbortSignal.timeout(20_000);
  for await (const { path } of store.listFiles("d", { signal })) listed.push(path);
  expect(listed).toEqual(["d/f"]);
});

test("a refusal without a reason is looked into: no room, no writing, something in the way", async () => {
  const { server, store } = await fixtureOf();
  await store.ping();
  server.verdict = (name) => (name === "write" ? { status: 4 } : undefined);
  const unknown = await failureOf(store.writeText("f", "x"));
  expect(unknown).toMatchObject({ name: "RemoteStoreError", code: "SSH_FX_FAILURE" });
  for (const [state, name] of [
    [{ bavail: 0 }, "QuotaExceeded"],
    [{ ffree: 0 }, "QuotaExceeded"],
    [{ flags: 1 }, "PermissionDenied"],
  ] as const) {
    server.fileSystem = state;
    await expect(store.writeText("f", "x")).rejects.toMatchObject({ name, path: "f" });
  }
  expect(await store.exists("f")).toBe(false);
});

test("no path leads through a symbolic link, within the root or out of it, and none is listed", async () => {
  const { root, store } = await fixtureOf();
  await writeFile(join(root, "..", "secret"), "secret");
  await mkdir(join(root, "d"));
  await writeFile(join(root, "d", "f"), "kept");
  for (const [name, target] of [
    ["file", "../secret"],
    ["up", ".."],
    ["inside", "d"],
    ["dangling", "../new"],
  ] as const) {
    await symlink(target, join(root, name));
  }
  for (const path of ["file", "up/secret", "up/root/d/f", "inside/f", "inside", "dangling"]) {
    const invalid = { name: "InvalidPath", path };
    await expect(store.read(path)).rejects.toMatchObject(invalid);
    await expect(store.writeText(path, "", { overwrite: true })).rejects.toMatchObject(invalid);
    await expect(store.delete(path)).rejects.toMatchObject(invalid);
    await expect(store.copy(path, "x")).rejects.toMatchObject(invalid);
    await expect(store.copy("d/f", path)).rejects.toMatchObject(invalid);
    expect(await store.exists(path)).toBe(false);
  }
  const listed: string[] = [];
  for await (const { path } of store.iterChildren("")) listed.push(path);
  expect(listed).toEqual(["d"]);
  await symlink("../..", join(root, "d", "out"));
  await store.deleteFolder("d", { recursive: true });
  expect((await readFile(join(root, "..", "secret"))).toString()).toBe("secret");
  expect((await stat(root)).isDirectory()).toBe(true);
});

test("a directory that is not there is NotFound to a ping and to a write, and is not made", async () => {
  const { root, store } = await fixtureOf();
  await rm(root, { recursive: true });
  const calls = [
    () => store.ping(),
    () => store.writeText("a/b", ""),
    () => store.writeText("f", ""),
  ];
  for (const call of calls) {
    await expect(call()).rejects.toMatchObject({ name: "NotFound" });
  }
  await expect(stat(root)).rejects.toMatchObject({ code: "ENOENT" });
});

test("a name that is too long is InvalidPath, as is one that is kept for temporary files", async () => {
  const { store } = await fixtureOf();
  const kept = ".holdfast-00000000-0000-0000-0000-000000000000.tmp";
  for (const path of ["n".repeat(300), kept, `d/${kept}`]) {
    await expect(store.writeText(path, "")).rejects.toMatchObject({ name: "InvalidPath", path });
  }
});

test("what a process left that died is removed once it is old, and nothing else", async () => {
  const { driver, root, store } = await fixtureOf();
  const name = (ending: string): string =>
    `.holdfast-00000000-0000-0000-0000-000000000000.${ending}`;
  await store.writeText("d/f", "kept");
  for (const path of [`d/${name("tmp")}`, `d/${name("old")}`, "d/.holdfast-other.tmp"]) {
    await writeFile(join(root, path), "x");
    await utimes(join(root, path), 1, 1);
  }
  await writeFile(join(root, name("tmp")), "under way");
  expect(await driver.removeLeftovers()).toBe(1);
  expect((await readdir(root, { recursive: true })).toSorted()).toEqual(
    [name("tmp"), "d", "d/.holdfast-other.tmp", `d/${name("old")}`, "d/f"].toSorted(),
  );
});

test("a move that is cut at any of its requests leaves the file under one of its names or both, whole", async () => {
  for (const request of ["hardlink@openssh.com", "remove", "rmdir"]) {
    for (const verdict of ["cut-before", "cut-after"] as const) {
      const { server, store } = await fixtureOf();
      await store.writeText("a/f", "kept");
      server.verdict = (name) => (name === request ? verdict : undefined);
      const moved = await store.move("a/f", "b/f").then(
        () => true,
        (error: unknown) => RemoteStoreError.is(error) && error.ambiguous,
      );
      expect(moved).toBe(true);
      server.verdict = () => undefined;
      const found = await Promise.all(
        ["a/f", "b/f"].map((path) => store.readText(path).catch(() => undefined)),
      );
      expect(found).toContain("kept");
    }
  }
});

test("a move that is aborted while the old name is taken away keeps the new one", async () => {
  const { server, store } = await fixtureOf();
  await store.writeText("a/f", "kept");
  const ending = new AbortController();
  server.verdict = (name) => {
    if (name === "remove") ending.abort();
    return undefined;
  };
  const moved = store.move("a/f", "b/f", { signal: ending.signal });
  expect(await failureOf(moved)).toMatchObject({ name: "Aborted", ambiguous: true });
  expect(await store.readText("b/f")).toBe("kept");
});
