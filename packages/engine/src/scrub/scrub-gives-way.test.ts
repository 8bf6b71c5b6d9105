import { once } from "node:events";
import { setTimeout } from "node:timers/promises";
import { s3Error } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { everyKey } from "../index/keys.ts";
import type { MemoryImage } from "../index/memory-store.ts";
import type { OpenEngine } from "../open-engine.ts";
import { quiet } from "../simulation/quiet.ts";
import { SimDisk } from "../simulation/sim-disk.ts";
import { openSimulated, type Machine } from "../simulation/simulated-engine.ts";

async function* bodyOf(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

const metadata = { system: {}, user: {} };

const put = (engine: OpenEngine, key: string) =>
  engine.putObject({
    bucket: "b",
    key,
    body: bodyOf(Buffer.alloc(100, key)),
    size: 100,
    metadata,
    checksumAlgorithm: "CRC32",
  });

/** An engine with an object of two parts, of which one is damaged, on a disk that is full when told. */
const start = async (store: Machine["store"]) => {
  const state = { full: false };
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  const disk = new SimDisk(({ kind, path }) => {
    if (!state.full) return;
    if (kind === "index" || (kind === "write" && path.endsWith("PROBE"))) {
      throw Object.assign(new Error(kind), { code: "ENOSPC" });
    }
  });
  const engine = await openSimulated({ disk, image, ...(store === undefined ? {} : { store }) });
  await engine.createBucket("b");
  const ref = await engine.createUpload({ bucket: "b", key: "parts", metadata });
  const parts = [];
  for (const partNumber of [1, 2]) {
    const body = bodyOf(Buffer.alloc(5 * 1024 * 1024, `part ${partNumber}`));
    const { etag } = await engine.putPart({ ...ref, partNumber, body, size: undefined });
    parts.push({ partNumber, etag });
  }
  await engine.completeUpload({ ...ref, parts });
  const blob = disk.files().find((name) => /\/[0-9a-f]{13}$/.test(name)) ?? "";
  disk.tamper(blob, (file) => {
    file[5] = (file[5] ?? 0) ^ 1;
    return file;
  });
  await quiet();
  return { engine, state };
};

const waits = (engine: OpenEngine): Promise<boolean> =>
  Promise.race([engine.headBucket("b").then(() => false), setTimeout(1000, true)]);

test.for([
  ["the walk over the records", 1],
  ["the walk that looks for the owners of what is damaged", 2],
] as const)(
  "%s gives way to an index that is to be opened anew, and is not taken for rot",
  async ([, which]) => {
    const gate = new AbortController();
    const reached = new AbortController();
    let walks = 0;
    const { engine, state } = await start((store) => ({
      ...store,
      range(from, to) {
        const cursor = store.range(from, to);
        if (!from.equals(everyKey.start) || !to.equals(everyKey.end)) return cursor;
        walks += 1;
        if (walks !== which) return cursor;
        const next = async (count: number) => {
          reached.abort();
          if (!gate.signal.aborted) await once(gate.signal, "abort");
          return cursor.next(count);
        };
        return { ...cursor, next };
      },
    }));
    const underWay = once(reached.signal, "abort");
    const scrub = engine.scrub({ changeNothing: true });
    scrub.catch(() => undefined);
    await underWay;
    state.full = true;
    await put(engine, "held");
    await quiet();
    state.full = false;
    await expect.poll(() => waits(engine)).toBe(true);
    gate.abort();
    await expect(scrub).rejects.toMatchObject({ reason: "index_reopening" });
    expect(await waits(engine)).toBe(false);
    expect(engine.health().writable).toBe(true);
    expect(await engine.scrub({ changeNothing: true })).toMatchObject({
      damaged: 1,
      findings: [{ kind: "damaged-blob", owners: [{ bucket: "b", key: "parts" }] }],
    });
    await engine.close();
  },
);

test("an index that cannot be read while owners are looked for fails the scrub, which else would name none", async () => {
  let walks = 0;
  const { engine } = await start((store) => ({
    ...store,
    range(from, to) {
      if (from.equals(everyKey.start) && to.equals(everyKey.end)) walks += 1;
      return store.range(from, to);
    },
    get(key) {
      if (walks === 2) throw s3Error("InternalError", undefined, { reason: "index_error" });
      return store.get(key);
    },
  }));
  await expect(engine.scrub({ changeNothing: true })).rejects.toMatchObject({
    reason: "index_error",
  });
  walks = 3;
  await engine.close();
});
