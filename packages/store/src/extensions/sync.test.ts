import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterAll, expect, test } from "vitest";
import type { Capability } from "../capability.ts";
import type { Driver, ListPage } from "../driver.ts";
import { MemoryDriver } from "../drivers/memory-driver.ts";
import { Store } from "../store.ts";
import { diceOf, type Dice } from "./faults/dice.ts";
import { faulty, type FaultPlan } from "./faults/faulty-store.ts";
import { all, StoreKinds, textsOf } from "./faults/store-kinds.ts";
import { observed } from "./observed-store.ts";
import { comparePaths } from "./path-order.ts";
import { sync, type SyncOptions, type SyncOutcome } from "./sync.ts";
import type { StoreLike } from "./store-like.ts";
import { transferAll } from "./transfer-all.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const stores = new StoreKinds();
const { tree, flat } = stores.kinds;
afterAll(() => stores.end());

const exactly = { compare: "content", delete: true, allowEmptySource: true } satisfies SyncOptions;
const names = ["a", "a-", "a.b", "b", "B", "ü", "ﬀ", "🎈"] as const;

function word(outcome: SyncOutcome): string {
  const said = `${outcome.action} ${outcome.path} ${outcome.reason}`;
  return outcome.ok ? said : `${said}: ${outcome.error.name}`;
}

async function filled(files: Readonly<Record<string, string>>, store = tree()): Promise<Store> {
  for (const [path, text] of Object.entries(files)) await store.writeText(path, text);
  return store;
}

/** Writes and deletes at random; what a tree refuses is left out. */
async function shuffle(store: Store, dice: Dice): Promise<void> {
  for (let step = dice(30); step > 0; step -= 1) {
    const depth = 1 + dice(3);
    const path = Array.from({ length: depth }, () => names[dice(names.length)]).join("/");
    if (dice(4) === 0) await store.deleteFolder(path, { recursive: true }).catch(() => {});
    else await store.writeText(path, "x".repeat(dice(4)), { overwrite: true }).catch(() => {});
  }
}

test.each(["tree", "flat", "local"] as const)(
  `after a sync two trees are equal, and another has nothing to do (to %s, HOLDFAST_SEED=${seed})`,
  async (kind) => {
    const dice = diceOf(seed);
    let differences = 0;
    for (let round = 0; round < 25; round += 1) {
      const [from, to] = [tree(), stores.kinds[kind]()];
      await shuffle(from, dice);
      await shuffle(to, dice);
      const options = { ...exactly, concurrency: 1 + dice(8) };
      const planned = (await all(sync(from, to, { ...options, dryRun: true }))).map(word);
      const before = await textsOf(to);
      const done = (await all(sync(from, to, options))).map(word);
      expect(done).toEqual(planned);
      const wanted = await textsOf(from);
      expect(await textsOf(to)).toEqual(wanted);
      expect(await all(sync(from, to, options))).toEqual([]);
      expect(done.length).toBe(differencesOf(wanted, before));
      differences += done.length;
    }
    console.log(`25 syncs to ${kind} ended ${differences} differences`);
    expect(differences).toBeGreaterThan(25);
  },
);

function differencesOf(one: Record<string, string>, other: Record<string, string>): number {
  const paths = new Set([...Object.keys(one), ...Object.keys(other)]);
  return [...paths].filter((path) => one[path] !== other[path]).length;
}

test(`under faults at random no sync deletes what the source has or makes what it has not, and the runs that follow end it (HOLDFAST_SEED=${seed})`, async () => {
  const dice = diceOf(seed);
  let failures = 0;
  for (let round = 0; round < 40; round += 1) {
    const [from, to] = [tree(), tree()];
    await shuffle(from, dice);
    await shuffle(to, dice);
    const wanted = await textsOf(from);
    const faults: FaultPlan = () => {
      const at = (["before", "after", 0, 1, 3] as const)[dice(5)] ?? "before";
      return dice(6) === 0 ? { kind: "unavailable", at } : undefined;
    };
    const had = await textsOf(to);
    try {
      for await (const outcome of sync(faulty(from, faults), faulty(to, faults), exactly)) {
        failures += outcome.ok ? 0 : 1;
      }
    } catch (error) {
      failures += 1;
      expect(error).toMatchObject({ retryable: true });
    }
    for (const [path, text] of Object.entries(await textsOf(to))) {
      expect([had[path], wanted[path]]).toContain(text);
    }
    for (const [path, text] of Object.entries(had)) {
      if (wanted[path] === text) expect(await to.readText(path)).toBe(text);
    }
    await all(sync(from, to, exactly));
    expect(await textsOf(to)).toEqual(wanted);
  }
  console.log(`40 syncs under faults met ${failures} of them`);
  expect(failures).toBeGreaterThan(10);
});

test("a source whose listing fails, at once or anywhere, deletes nothing", async () => {
  const files = { a: "1", b: "2", c: "3", d: "4" };
  for (const at of ["before", 0, 1, 2, 3, 4] as const) {
    const from = await filled(files);
    const to = await filled({ ...files, "a-extra": "", "b-extra": "", "z-extra": "" });
    const breaking = faulty(from, ({ operation }) =>
      operation === "listFiles" ? { kind: "forbidden", at } : undefined,
    );
    const failed = { name: "SourceFailed", cause: { name: "PermissionDenied" } };
    await expect(all(sync(breaking, to, exactly))).rejects.toMatchObject(failed);
    expect(Object.keys(await textsOf(to))).toHaveLength(7);
  }
});

test("a listing that fails while it is gone by deletes nothing after that", async () => {
  const from = await filled({ a: "1", m: "2", z: "3" });
  const to = await filled({ a: "1", b: "", m: "2", n: "", z: "3" });
  let listings = 0;
  const breaking = faulty(from, ({ operation }) => {
    if (operation !== "listFiles") return undefined;
    listings += 1;
    return listings === 2 ? { kind: "unavailable", at: 2 } : undefined;
  });
  await expect(all(sync(breaking, to, exactly))).rejects.toMatchObject({ name: "SourceFailed" });
  expect(Object.keys(await textsOf(to))).toEqual(["a", "m", "n", "z"]);
});

test("what a listing left out is not deleted if the source has it, and one out of order is refused", async () => {
  const from = await filled({ a: "1", b: "2", c: "3" });
  const to = await filled({ a: "1", b: "2", c: "3" });
  const forgetful = await filled({ a: "1", c: "3" });
  forgetful.isFile = (path, options) => from.isFile(path, options);
  expect(await all(sync(forgetful, to, { ...exactly, compare: "size" }))).toEqual([]);
  const shuffled = tree();
  const listFiles = from.listFiles.bind(from);
  shuffled.listFiles = async function* disordered(path, options) {
    yield* (await all(listFiles(path, options))).toReversed();
  };
  await expect(all(sync(shuffled, to, exactly))).rejects.toMatchObject({ name: "IntegrityError" });
  expect(Object.keys(await textsOf(to))).toEqual(["a", "b", "c"]);
});

test("a source that cannot say whether it has a file keeps that file at the destination", async () => {
  const from = await filled({ a: "1" });
  const to = await filled({ a: "1", b: "2" });
  const denying = faulty(from, ({ operation }) =>
    operation === "isFile" ? { kind: "forbidden", at: "before" } : undefined,
  );
  expect((await all(sync(denying, to, exactly))).map(word)).toEqual([
    "delete b extra: SourceFailed",
  ]);
  expect(await to.exists("b")).toBe(true);
});

test("a source without files deletes nothing unless that is said", async () => {
  const to = await filled({ a: "1" });
  const options = { delete: true };
  const typo = tree().child("no-such-folder");
  await expect(all(sync(typo, to, options))).rejects.toMatchObject({ name: "NotFound" });
  expect(await textsOf(to)).toEqual({ a: "1" });
  await all(sync(typo, to, { ...options, allowEmptySource: true }));
  expect(await textsOf(to)).toEqual({});
});

test("without being asked it deletes nothing; what the globs leave out is left alone at both ends", async () => {
  const from = await filled({ "a.csv": "1", "d/b.csv": "2", "d/c.txt": "3", "tmp/d.csv": "4" });
  const to = await filled({ "old.csv": "", "old.txt": "", "tmp/old.csv": "" });
  expect((await all(sync(from, to, { include: ["*.csv"] }))).map(word)).toEqual([
    "copy a.csv missing",
  ]);
  const filters = { include: ["**/*.csv"], exclude: ["tmp/**"] };
  expect((await all(sync(from, to, { ...exactly, ...filters }))).map(word)).toEqual([
    "delete old.csv extra",
    "copy d/b.csv missing",
  ]);
  expect(Object.keys(await textsOf(to))).toEqual(["a.csv", "d/b.csv", "old.txt", "tmp/old.csv"]);
});

test("what each comparison sees and does not see of a change that leaves the size", async () => {
  const seen: Record<string, readonly string[]> = {};
  const hour = 3_600_000;
  /** The destination was written so much later by its own clock, and differs in content alone. */
  const compared = async (name: string, laterMs: number, options: SyncOptions): Promise<void> => {
    const from = await filled({ a: "one" });
    const to = shifted(await filled({ a: "two" }), laterMs);
    seen[name] = (await all(sync(from, to, { ...options, dryRun: true }))).map(word);
  };
  await compared("size", 0, { compare: "size" });
  await compared("content", 0, { compare: "content" });
  await compared("written before", -hour, {});
  await compared("written after", hour, {});
  await compared("written after, clocks apart", hour, { clockSkewMs: 2 * hour });
  await compared("within the step of a clock", 500, {});
  const different = ["copy a different"];
  expect(seen).toEqual({
    size: [],
    content: different,
    "written before": different,
    "written after": [],
    "written after, clocks apart": different,
    "within the step of a clock": different,
  });
});

test("by etag only the same etag is the same, and a backend without any is always different", async () => {
  const [from, to] = [await filled({ a: "1", b: "2" }), await filled({ a: "1", b: "2" })];
  expect(await all(sync(from, to, { compare: "etag" }))).toEqual([]);
  const listFiles = to.listFiles.bind(to);
  to.listFiles = async function* bare(path, options) {
    for await (const { etag: _etag, ...file } of listFiles(path, options)) yield file;
  };
  const outcomes = await all(sync(from, to, { compare: "etag", dryRun: true }));
  expect(outcomes.map(word)).toEqual(["copy a different", "copy b different"]);
});

test("equal content is read and not copied again; a dry run changes nothing", async () => {
  const from = await filled({ a: "one", b: "two" });
  const to = await filled({ a: "one", b: "TWO" });
  const outcomes = await all(sync(from, to, { ...exactly, dryRun: true }));
  expect(outcomes).toEqual([
    { action: "copy", path: "b", reason: "different", size: 3, ok: true, done: false },
  ]);
  expect(await textsOf(to)).toEqual({ a: "one", b: "TWO" });
});

test("a file and a folder that have changed places are put right in one run", async () => {
  const from = await filled({ "a/b": "1", c: "2" });
  const to = await filled({ a: "3", "c/d/e": "4" });
  expect((await all(sync(from, to, exactly))).map(word)).toEqual([
    "delete a extra",
    "delete c/d/e extra",
    "copy a/b missing",
    "copy c missing",
  ]);
  expect(await textsOf(to)).toEqual({ "a/b": "1", c: "2" });
});

test("what changed at the destination since it was listed is not written over", async () => {
  const from = await filled({ a: "one", b: "one" });
  const to = await filled({ a: "two" });
  const listFiles = to.listFiles.bind(to);
  to.listFiles = async function* late(path, options) {
    yield* await all(listFiles(path, options));
    to.listFiles = listFiles;
    await to.writeText("a", "mine", { overwrite: true });
    await to.writeText("b", "mine");
  };
  const options = { compare: "size-and-time", clockSkewMs: Infinity } as const;
  expect((await all(sync(from, to, options))).map(word)).toEqual([
    "copy a different: PreconditionFailed",
    "copy b missing: AlreadyExists",
  ]);
  expect(await textsOf(to)).toEqual({ a: "mine", b: "mine" });
});

test("from names that a tree cannot have, what can be copied is, and the rest is told", async () => {
  const from = await filled({ a: "1", "a/b": "2", c: "3" }, flat());
  const to = tree();
  const outcomes = await all(sync(from, to, { ...exactly, concurrency: 1 }));
  expect(outcomes.map(word)).toEqual([
    "copy a missing",
    "copy a/b missing: InvalidPath",
    "copy c missing",
  ]);
});

test("the first failure ends it on request, and an abort is never taken for an end", async () => {
  const from = await filled({ a: "1", b: "2", c: "3" });
  const refusing = faulty(tree(), ({ operation, path }) =>
    operation === "writeAtomic" && path === "a" ? { kind: "forbidden", at: "before" } : undefined,
  );
  const outcomes = await all(sync(from, refusing, { stopOnError: true, concurrency: 1 }));
  expect(outcomes.map(word)).toEqual(["copy a missing: PermissionDenied"]);
  const controller = new AbortController();
  const aborted = async (): Promise<void> => {
    const options = { concurrency: 1, signal: controller.signal };
    for await (const outcome of sync(from, tree(), options)) {
      expect(["a", "b", "c"]).toContain(outcome.path);
      controller.abort();
    }
  };
  await expect(aborted()).rejects.toMatchObject({ name: "Aborted" });
});

test("paths are merged in the order of their bytes, which is not that of JavaScript's strings", () => {
  const paths = ["a", "a!", "a-b", "a.b", "a/b", "a0", "ü", "ﬀ", "🎈", "🎈a"];
  const bytes = (path: string): Buffer => Buffer.from(path);
  for (const one of paths) {
    for (const other of paths) {
      const order = Math.sign(comparePaths(one, other));
      expect(order).toBe(Buffer.compare(bytes(one), bytes(other)));
    }
  }
});

/** The same files, as another clock has them. */
function shifted(store: Store, laterMs: number): StoreLike {
  const listFiles = store.listFiles.bind(store);
  store.listFiles = async function* later(path, options) {
    for await (const file of listFiles(path, options)) {
      const modifiedAt = new Date((file.modifiedAt?.getTime() ?? 0) + laterMs);
      yield { ...file, modifiedAt };
    }
  };
  return store;
}

/** A million files that are nowhere; of each thousand the first is of the given size. */
class Endless extends MemoryDriver implements Driver {
  override readonly capabilities = new Set<Capability>(["list", "read"]);
  readonly #size: number;

  constructor(size: number) {
    super();
    this.#size = size;
  }

  override listPage(prefix: string): Promise<ListPage> {
    return this.#page(prefix, 0);
  }

  async #page(prefix: string, page: number): Promise<ListPage> {
    const modifiedAt = new Date(0);
    const entries = Array.from({ length: 1000 }, (_, entry) => ({
      kind: "file" as const,
      key: `${prefix}${String(page * 1000 + entry).padStart(7, "0")}-of-a-million-files`,
      size: entry === 0 ? this.#size : 7,
      etag: `${entry}`,
      modifiedAt,
    }));
    const next = page === 999 ? undefined : () => this.#page(prefix, page + 1);
    return { entries, next };
  }
}

/** What is on the heap and not garbage, in bytes. */
function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  return process.memoryUsage().heapUsed;
}

test("memory does not grow with the number of files: a million at each end", async () => {
  const [from, to] = [Store.over(new Endless(1)), Store.over(new Endless(2))];
  const mebibyte = 2 ** 20;
  const before = heldBytes();
  const cpu = process.cpuUsage();
  let most = 0;
  let count = 0;
  for await (const outcome of sync(from, to, { compare: "size", dryRun: true })) {
    expect(outcome.ok).toBe(true);
    count += 1;
    if (count % 50 === 0) most = Math.max(most, heldBytes() - before);
  }
  const { user, system } = process.cpuUsage(cpu);
  const seconds = ((user + system) / 1e6).toFixed(1);
  const grown = Math.round(most / mebibyte);
  console.log(
    `sync of 2 x 1,000,000 files: ${seconds} s of CPU, heap grew by ${grown} MiB at most`,
  );
  expect(count).toBe(1000);
  expect(most).toBeLessThan(20 * mebibyte);
}, 300_000);

test.each(["tree", "flat", "local"] as const)(
  "a folder and one within it are put alike without a copy into itself, and without deleting the source (%s)",
  async (kind) => {
    const outer = await filled({ x: "1", "d/y": "2" }, stores.kinds[kind]());
    const inner = outer.child("d");
    for (let run = 0; run < 3; run += 1) {
      await all(sync(outer, inner, { compare: "content" }));
      await all(transferAll(outer, inner, { overwrite: true }));
    }
    expect(await textsOf(outer)).toEqual({ x: "1", "d/x": "1", "d/y": "2" });
    const up = await all(
      sync(
        inner,
        observed(outer, () => {}),
        { ...exactly, dryRun: true },
      ),
    );
    expect(up.map(word)).toEqual(["copy y missing"]);
    await outer.writeText("z", "3");
    expect((await all(sync(inner, outer, exactly))).map(word)).toEqual([
      "delete z extra",
      "copy y missing",
    ]);
    expect(await textsOf(outer)).toEqual({ x: "1", y: "2", "d/x": "1", "d/y": "2" });
  },
);
