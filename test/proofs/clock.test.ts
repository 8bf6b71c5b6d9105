import { readdirSync } from "node:fs";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { openEngine } from "@holdfast/engine";
import { childrenNamed, childText, readXml } from "@holdfast/protocol";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installMissing } from "../interop/debian.ts";
import { RawConnection } from "./raw-connection.ts";
import { signed, toBytes } from "./raw-request.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { Shelf } from "./shelf.ts";

const { faketime: missing } = installMissing(console.log, ["faketime"]);
if (missing !== undefined) console.log(`skipped: ${missing}`);

const bucket = "kept";
const hour = 3600;
const year = 365 * 24 * hour;
/** Seconds by which the server's clock is off, one after another, live. */
const jumps = [0, hour, 0, -hour, 0, 10 * year, 0, -hour, 2 * hour, -24 * hour, 0];
const skewSecondsMax = 15 * 60;

let directory: string;
let server: ServerChild | undefined;
let offset = 0;
let shelf: Shelf;
const serverNow = (): number => Date.now() + offset * 1000;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-clock-"));
  shelf = new Shelf(bucket, serverNow);
  await jump(0);
});

afterEach(async () => {
  shelf.close();
  await server?.kill();
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

/** Moves the server's clock, at once; half a line must never be read. */
async function jump(seconds: number): Promise<void> {
  await writeFile(join(directory, "offset.new"), `${seconds < 0 ? "" : "+"}${seconds}s\n`);
  await rename(join(directory, "offset.new"), join(directory, "offset"));
  offset = seconds;
}

async function start(): Promise<ServerChild> {
  server = await startServer({
    directory: join(directory, "data"),
    buckets: [bucket],
    env: {
      LD_PRELOAD: libfaketime(),
      FAKETIME_TIMESTAMP_FILE: join(directory, "offset"),
      FAKETIME_NO_CACHE: "1",
      // A wall clock jumps, a monotonic one does not: that is what it is for.
      FAKETIME_DONT_FAKE_MONOTONIC: "1",
      DONT_FAKE_MONOTONIC: "1",
    },
  });
  shelf.connect(server.port);
  return server;
}

function libfaketime(): string {
  const places = readdirSync("/usr/lib").map((triplet) => `/usr/lib/${triplet}/faketime`);
  const found = places.find((place) => {
    try {
      return readdirSync(place).includes("libfaketimeMT.so.1");
    } catch {
      return false;
    }
  });
  if (found === undefined) throw new Error("faketime is installed without its library");
  return join(found, "libfaketimeMT.so.1");
}

/** Every key's Last-Modified, from a listing; its keys are in their order. */
async function listedTimes(): Promise<ReadonlyMap<string, number>> {
  const reply = await shelf.send({ method: "GET", target: `/${bucket}?list-type=2` });
  const page = readXml(reply.body, { nodesMax: 10_000 });
  const entries = childrenNamed(page, "Contents").map((entry): [string, number] => [
    childText(entry, "Key") ?? "",
    Date.parse(childText(entry, "LastModified") ?? ""),
  ]);
  const keys = entries.map(([key]) => key);
  expect(keys).toEqual(keys.toSorted());
  return new Map(entries);
}

/** Keys whose time is before what it was. */
function backwards(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): readonly string[] {
  return [...after].flatMap(([key, time]) => ((before.get(key) ?? time) > time ? [key] : []));
}

test.skipIf(missing !== undefined)(
  "while the clock jumps hours and years, live and over restarts, writes keep their order and no Last-Modified runs back",
  { timeout: 300_000 },
  async () => {
    await start();
    const slowest = { ms: 0 };
    let times = await listedTimes();
    let refused = 0;
    for (const [round, seconds] of jumps.entries()) {
      await jump(seconds);
      for (let index = 0; index < 24; index += 1) {
        const startedAt = performance.now();
        expect(await shelf.put(`k${index % 8}`, (index % 3) * 15_000)).toBe("ok");
        slowest.ms = Math.max(slowest.ms, performance.now() - startedAt);
      }
      const byRealClock = { method: "GET", target: `/${bucket}/k1`, now: Date.now() };
      const isSkewed = Math.abs(seconds) > skewSecondsMax;
      expect(await shelf.ask(byRealClock)).toBe(isSkewed ? "RequestTimeTooSkewed" : "ok");
      refused += Number(isSkewed);
      expect(await shelf.check()).toEqual([]);
      const now = await listedTimes();
      expect(backwards(times, now)).toEqual([]);
      times = now;
      if (round % 3 === 2) {
        await server?.kill();
        await start();
        expect(await shelf.check()).toEqual([]);
        expect(await listedTimes()).toEqual(times);
      }
    }
    expect(await shelf.put("fresh", 10)).toBe("ok");
    const fresh = (await listedTimes()).get("fresh") ?? 0;
    expect(Math.abs(fresh - Date.now())).toBeLessThan(60_000);
    console.log(
      `${jumps.length} jumps, ${shelf.counts()}; ${refused} refused as skewed; ` +
        `0 times backwards, 0 lost; the slowest write took ${Math.round(slowest.ms)} ms`,
    );
  },
);

/** Longer than Node takes to look for connections that are late. */
const lookMs = 1500;

test.skipIf(missing !== undefined)(
  "a body half sent, a header half sent and a connection between requests outlive every jump",
  { timeout: 300_000 },
  async () => {
    const { port } = await start();
    const around = [hour, -hour, 10 * year, 0];
    const idle = await RawConnection.open(port, ["GET", ...around.map(() => "GET")]);
    const get = (now: number): Buffer =>
      toBytes(signed({ port, method: "GET", target: `/${bucket}`, now }));
    idle.write(get(serverNow()));
    expect((await idle.answer(0)).status).toBe(200);
    for (const [round, seconds] of around.entries()) {
      const target = `/${bucket}/slow${round}`;
      const body = Buffer.alloc(200_000, 7);
      const upload = toBytes(signed({ port, method: "PUT", target, body, now: serverNow() }));
      const uploading = await RawConnection.open(port, ["PUT"]);
      uploading.write(upload.subarray(0, 100_000));
      // A request is judged by the time at which its header is whole.
      const request = get(Date.now() + seconds * 1000);
      const beginning = await RawConnection.open(port, ["GET"]);
      beginning.write(request.subarray(0, 60));
      await delay(100);
      await jump(seconds);
      await delay(lookMs);
      uploading.write(upload.subarray(100_000));
      beginning.write(request.subarray(60));
      idle.write(get(serverNow()));
      const answers = [uploading.answer(), beginning.answer(), idle.answer(round + 1)];
      expect((await Promise.all(answers)).map(({ status }) => status)).toEqual([200, 200, 200]);
      uploading.destroy();
      beginning.destroy();
    }
    idle.destroy();
    console.log(`${around.length} jumps in the middle of three connections each, 0 cut`);
  },
);

test("sabotage: an object that is put after its deletion has lost its time, and the look sees it run back", async () => {
  let now = Date.now();
  const engine = await openEngine({
    directory: join(directory, "data"),
    clock: { now: () => now },
  });
  try {
    await engine.createBucket(bucket);
    const put = async (): Promise<ReadonlyMap<string, number>> => {
      const { key, lastModified } = await engine.putObject({
        bucket,
        key: "k",
        body: (async function* () {})(),
        size: 0,
        metadata: { system: {}, user: {} },
        checksumAlgorithm: "CRC32",
      });
      return new Map([[key, lastModified]]);
    };
    const first = await put();
    now -= hour * 1000;
    expect(backwards(first, await put())).toEqual([]);
    await engine.deleteObject({ bucket, key: "k" });
    expect(backwards(first, await put())).toEqual(["k"]);
  } finally {
    await engine.close();
  }
});
