import { mkdtemp, readdir, rm, symlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { Store } from "../../store.ts";
import { lockBase, lockName } from "./hidden-names.ts";
import { LocalDriver } from "./local-driver.ts";

test.runIf(process.platform !== "win32")(
  "ERR-013: what a process of another container holds is ResourceLocked after ten seconds, and a signal ends the wait",
  async () => {
    const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
    onTestFinished(() => rm(root, { recursive: true, force: true }));
    const store = Store.over(new LocalDriver({ root }));
    const { etag: ifMatch } = await store.writeText("f", "old");
    await symlink("1-2-3-4d2-5-6", lockName(lockBase(join(root, "f")), 0));
    const ending = new AbortController();
    const { signal } = ending;
    const overwrite = true;
    const aborted = store
      .writeText("f", "new", { overwrite, signal })
      .catch((error: unknown) => error);
    setTimeout(() => ending.abort(), 50);
    expect(await aborted).toMatchObject({ name: "Aborted", ambiguous: false });
    const locked = {
      name: "ResourceLocked",
      path: "f",
      backend: "local",
      retryable: false,
      lockOwner: "process 1234 of another machine or container",
    };
    const behind = new AbortController();
    setTimeout(() => behind.abort(), 300);
    const waitedInVain = async (): Promise<number> => {
      const began = performance.now();
      const deleted = store.delete("f", { signal: behind.signal });
      await expect(deleted).rejects.toMatchObject({ name: "Aborted" });
      return performance.now() - began;
    };
    await Promise.all([
      expect(store.writeText("f", "new", { ifMatch })).rejects.toMatchObject(locked),
      expect(store.writeText("f", "new", { overwrite })).rejects.toMatchObject(locked),
      expect(store.move("f", "g")).rejects.toMatchObject(locked),
      expect(store.delete("f")).rejects.toMatchObject(locked),
      store.writeText("other", "", { overwrite }),
      expect(waitedInVain()).resolves.toBeLessThan(8000),
    ]);
    expect(await store.readText("f")).toBe("old");
    expect((await readdir(root)).filter((name) => name.endsWith(".tmp"))).toEqual([]);
    await expect(store.writeText("f", "new")).rejects.toMatchObject({ name: "AlreadyExists" });
  },
);
