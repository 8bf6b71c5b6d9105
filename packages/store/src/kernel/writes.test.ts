import { expect, test } from "vitest";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";

/** Aborts so many steps of the event loop's microtasks from now. */
async function abortAfter(controller: AbortController, steps: number): Promise<void> {
  for (let step = 0; step < steps; step++) await Promise.resolve();
  controller.abort("enough");
}

test("however closely an abort follows the failure of a source, the write is one or the other, and never the source's own error", async () => {
  const [from, to] = [Store.over(new MemoryDriver()), Store.over(new MemoryDriver())];
  const names = new Set<unknown>();
  for (let steps = 0; steps < 40; steps++) {
    const controller = new AbortController();
    async function* source(): AsyncGenerator<Uint8Array> {
      yield new Uint8Array(1);
      const bytes = from.readBytes("gone");
      await bytes.catch(() => void abortAfter(controller, steps));
      yield await bytes;
    }
    const written = to.write("f", source(), { signal: controller.signal });
    const error: unknown = await written.catch((reason: unknown) => reason);
    expect(error).toMatchObject({ path: "f", operation: "write" });
    names.add(error instanceof Error && error.name);
    expect(await to.exists("f")).toBe(false);
  }
  expect(names).toEqual(new Set(["Aborted", "SourceFailed"]));
});
