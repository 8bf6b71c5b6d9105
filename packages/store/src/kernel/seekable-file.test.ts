import { expect, test } from "vitest";
import type { FileStat, FolderStat, OpenedFile } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";

type Get = Parameters<MemoryDriver["get"]>;
type Stat = Parameters<MemoryDriver["stat"]>;

/** Remembers which ranges were asked for. */
class Watched extends MemoryDriver {
  readonly ranges: (readonly [offset: number, length: number])[] = [];
  override get(...[key, options]: Get): Promise<OpenedFile> {
    this.ranges.push([options.offset ?? 0, options.length ?? Infinity]);
    return super.get(key, options);
  }
}

/** As one whose backend has no etags. */
class WithoutEtags extends MemoryDriver {
  override async stat(...parameters: Stat): Promise<FileStat | FolderStat> {
    const stat = await super.stat(...parameters);
    return stat.kind === "file" ? { ...stat, etag: undefined } : stat;
  }
  override async get(...[key, options]: Get): Promise<OpenedFile> {
    const { stat, body } = await super.get(key, options);
    return { stat: { ...stat, etag: undefined }, body };
  }
}

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

function random(): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return Math.floor((state / 2 ** 31) * below);
  };
}

function content(length: number): Buffer {
  return Buffer.from(Array.from({ length }, (_, at) => (at * 7 + Math.floor(at / 251)) % 256));
}

test(`random reads give the bytes of the whole, whatever is kept (HOLDFAST_SEED=${seed})`, async () => {
  const below = random();
  const whole = content(1_000_003);
  const driver = new Watched();
  const store = Store.over(driver);
  await store.write("f", whole);
  for (const bufferBytes of [0, 64 * 1024, 200_000, undefined]) {
    await using file = await store.readSeekable("f", { bufferBytes });
    for (let step = 0; step < 200; step += 1) {
      const offset = below(1_050_000);
      const length = below(4) === 0 ? below(400_000) : below(5000);
      const bytes = await file.read(offset, length);
      expect(whole.subarray(offset, offset + length).equals(bytes)).toBe(true);
    }
    const reads = Array.from({ length: 21 }, (_, index) => file.read(index * 50_000, 50_000));
    expect(whole.equals(Buffer.concat(await Promise.all(reads)))).toBe(true);
  }
  for (const [offset, length] of driver.ranges) {
    expect(offset + length).toBeLessThanOrEqual(whole.byteLength);
  }
});

test("small reads beside one another ask the backend few times, and for more the longer they go on", async () => {
  const driver = new Watched();
  const store = Store.over(driver);
  await store.write("f", content(2 ** 21));
  await using file = await store.readSeekable("f");
  for (let offset = 0; offset < 2 ** 21; offset += 1024) await file.read(offset, 1024);
  const lengths = driver.ranges.map(([, length]) => length / 65_536);
  expect(lengths).toEqual([1, 2, 4, 8, 8, 8, 1]);
  await file.read(2 ** 21 - 10, 10);
  await Promise.all([file.read(0, 10), file.read(5, 10)]);
  expect(driver.ranges).toHaveLength(8);
});

test("what a caller does to the bytes it was given is not in the next ones", async () => {
  const store = Store.over(new MemoryDriver());
  await store.writeText("f", "abc");
  await using file = await store.readSeekable("f");
  (await file.read(0, 3)).fill(0);
  expect(Buffer.from(await file.read(0, 3)).toString()).toBe("abc");
});

test.each([MemoryDriver, WithoutEtags])(
  "a file that is replaced between reads is ModifiedDuringRead, never a mixture: %o",
  async (Driver) => {
    const store = Store.over(new Driver());
    await store.writeText("f", "old");
    await using file = await store.readSeekable("f", { bufferBytes: 0 });
    expect(file.info).toMatchObject({ path: "f", size: 3 });
    expect(Buffer.from(await file.read(1, 9)).toString()).toBe("ld");
    await new Promise((resolve) => setTimeout(resolve, 5));
    await store.writeText("f", "new", { overwrite: true });
    const modified = { name: "ModifiedDuringRead", path: "f", operation: "readSeekable" };
    await expect(file.read(0, 1)).rejects.toMatchObject(modified);
    await store.delete("f");
    await expect(file.read(0, 1)).rejects.toMatchObject({ name: "NotFound", path: "f" });
  },
);

test("what is missing, a folder and another file than the one named are not opened", async () => {
  const store = Store.over(new MemoryDriver());
  await store.writeText("d/f", "x");
  await expect(store.readSeekable("no")).rejects.toMatchObject({ name: "NotFound", path: "no" });
  await expect(store.readSeekable("d")).rejects.toMatchObject({ name: "InvalidPath", path: "d" });
  const stale = store.readSeekable("d/f", { ifMatch: "e" });
  await expect(stale).rejects.toMatchObject({ name: "PreconditionFailed", path: "d/f" });
  const { etag } = await store.getFileInfo("d/f");
  await using file = await store.readSeekable("d/f", { ifMatch: etag });
  await expect(file.read(-1, 1)).rejects.toThrow("offset");
  await expect(file.read(0, 0.5)).rejects.toThrow("length");
  expect((await file.read(0, 0)).byteLength).toBe(0);
  expect((await file.read(9, 9)).byteLength).toBe(0);
});

test("closing ends reads that are under way, and all that follow; so do the signal and the store", async () => {
  let stopped = 0;
  const driver = new (class extends MemoryDriver {
    override async get(...parameters: Get): Promise<OpenedFile> {
      const { stat } = await super.get(...parameters);
      const next = (): Promise<IteratorResult<Uint8Array>> => new Promise(() => {});
      const stop = async (): Promise<IteratorResult<Uint8Array>> => {
        stopped += 1;
        return { done: true, value: undefined };
      };
      return { stat, body: { [Symbol.asyncIterator]: () => ({ next, return: stop }) } };
    }
  })();
  const store = Store.over(driver);
  await store.writeText("f", "abc");
  const file = await store.readSeekable("f");
  const reading = file.read(0, 1).catch((error: unknown) => error);
  await new Promise((resolve) => setTimeout(resolve, 5));
  await file.close();
  await file.close();
  expect(await reading).toMatchObject({ name: "Closed", path: "f" });
  expect(stopped).toBeGreaterThan(0);
  await expect(file.read(0, 1)).rejects.toMatchObject({ name: "Closed", path: "f" });
  const ending = new AbortController();
  const { signal } = ending;
  const other = await store.readSeekable("f", { signal });
  const hanging = other.read(0, 1).catch((error: unknown) => error);
  ending.abort();
  expect(await hanging).toMatchObject({ name: "Aborted" });
  const last = await store.readSeekable("f");
  await store.close();
  await expect(last.read(0, 1)).rejects.toMatchObject({ name: "Closed" });
});

test("a backend that gives another number of bytes than asked for is not believed", async () => {
  const driver = new (class extends MemoryDriver {
    override get(...[key, options]: Get): Promise<OpenedFile> {
      return super.get(key, { ...options, length: 1 });
    }
  })();
  const store = Store.over(driver);
  await store.writeText("f", "abc");
  await using file = await store.readSeekable("f");
  const error = { name: "BackendUnavailable", path: "f", retryable: true };
  await expect(file.read(0, 3)).rejects.toMatchObject(error);
  await expect(file.read(0, 3)).rejects.toMatchObject(error);
});
