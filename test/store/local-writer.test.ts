import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { LocalDriver, Store } from "@holdfast/store";
import { expect, onTestFinished, test } from "vitest";

const run = promisify(execFile);

test("a writer that nobody ends does not keep its process alive, and its file is not there", async () => {
  const root = await mkdtemp(join(tmpdir(), "holdfast-store-"));
  onTestFinished(() => rm(root, { recursive: true, force: true }));
  const script = `
    import { LocalDriver, Store } from "@holdfast/store";
    const store = Store.over(new LocalDriver({ root: ${JSON.stringify(root)} }));
    const writer = await store.openAtomic("f");
    await writer.write(new Uint8Array(1));`;
  const node = ["--input-type=module", "-e", script];
  await run(process.execPath, node, { timeout: 100_000, cwd: import.meta.dirname });
  expect(await Store.over(new LocalDriver({ root })).exists("f")).toBe(false);
});
