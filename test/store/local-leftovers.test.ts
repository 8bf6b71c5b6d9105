import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, readdir, rename, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { LocalDriver, Store } from "@holdfast/store";

async function directory(): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  return root;
}

/** A process that has begun to write a file. */
async function writing(root: string, path: string): Promise<ChildProcess> {
  const script = join(import.meta.dirname, "slow-write.mjs");
  const child = spawn(process.execPath, [script, root, path], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  onTestFinished(() => void child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

async function kill(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "close");
}

async function names(folder: string): Promise<readonly string[]> {
  return (await readdir(folder)).map((name) => (name.startsWith(".") ? "hidden" : name)).toSorted();
}

test("what a killed writer left goes with the next write to its folder, and what a living one writes stays", async () => {
  const root = await directory();
  const store = Store.over(new LocalDriver({ root }));
  const [dead, living] = [await writing(root, "d/dead"), await writing(root, "d/living")];
  await kill(dead);
  expect(await names(join(root, "d"))).toEqual(["hidden", "hidden"]);
  await store.writeText("d/f", "");
  expect(await names(join(root, "d"))).toEqual(["f", "hidden"]);
  living.stdin?.write("go");
  await once(living, "close");
  expect(living.exitCode).toBe(0);
  expect(await names(join(root, "d"))).toEqual(["f", "living"]);
  expect((await store.getFileInfo("d/living")).size).toBe(2 ** 20 + 1);
});

test("a listing takes away what killed writers left, and a folder that has nothing else goes", async () => {
  const root = await directory();
  const store = Store.over(new LocalDriver({ root }));
  for (const path of ["a/b/f", "c/f", "e/f"]) await kill(await writing(root, path));
  await store.delete("a/b/f", { missingOk: true });
  for await (const file of store.listFiles("a", { recursive: true })) expect(file).toBe(undefined);
  expect(await names(join(root, "a/b"))).toEqual([]);
  await store.deleteFolder("c");
  await store.move((await store.writeText("e/g", "")).path, "g");
  expect((await readdir(root)).toSorted()).toEqual(["a", "g"]);
});

test("what a process left that nobody can ask after stays until it was silent for a day", async () => {
  const root = await directory();
  const store = Store.over(new LocalDriver({ root }));
  await kill(await writing(root, "f"));
  const [name = ""] = await readdir(root);
  const elsewhere = name.replace(/holdfast-[0-9a-f]+-[0-9a-f]+/, "holdfast-1-1");
  await rename(join(root, name), join(root, elsewhere));
  await kill(await writing(root, "g"));
  const list = async (): Promise<void> => {
    for await (const file of store.listFiles("")) expect(file).toBe(undefined);
  };
  await list();
  expect(await readdir(root)).toEqual([elsewhere]);
  const yesterday = new Date(Date.now() - 25 * 3_600_000);
  await utimes(join(root, elsewhere), yesterday, yesterday);
  await list();
  expect(await readdir(root)).toEqual([]);
});
