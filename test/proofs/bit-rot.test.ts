import { createHash } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32c, openEngine, type OpenEngine } from "@holdfast/engine";
import { S3Error } from "@holdfast/protocol";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { askAnother } from "./bit-rot-child.ts";
import { below, countFrom, pick, seededRandom, seedFrom } from "./random.ts";

const seed = seedFrom("HOLDFAST_SEED");
const flips = countFrom("HOLDFAST_PROOF_FLIPS", 1000);
const random = seededRandom(seed);
const bucket = "b";

const sizes = [0, 1, 700, 16_384, 16_385, 65_536, 65_537, 200_000];
const metadata = { system: { "content-type": "text/plain" }, user: { a: "b" } };

// Most of it is starting a process for each bit, on a machine that may be busy.
vi.setConfig({ testTimeout: 600_000 });

let folder: string;
/** As a clean stop leaves it, and as a kill does. */
let stopped: string;
let killed: string;
let directory: string;
const expected = new Map<string, Buffer>();

async function* once(bytes: Buffer): AsyncGenerator<Buffer> {
  yield bytes;
}

function sha256(bytes: Buffer): string {
  return createHash("sha256").update(bytes).digest("hex");
}

function randomBytes(size: number): Buffer {
  return Buffer.from(Array.from({ length: size }, () => below(random, 256)));
}

async function put(engine: OpenEngine, key: string, bytes: Buffer): Promise<void> {
  const size = bytes.length;
  const body = once(bytes);
  await engine.putObject({ bucket, key, body, size, metadata, checksumAlgorithm: "CRC32C" });
  expected.set(key, bytes);
}

async function putParts(engine: OpenEngine, key: string): Promise<void> {
  const ref = await engine.createUpload({ bucket, key, metadata });
  const bytes = randomBytes(70_000);
  const part = await engine.putPart({ ...ref, partNumber: 1, body: once(bytes), size: undefined });
  await engine.completeUpload({ ...ref, parts: [{ partNumber: 1, etag: part.etag }] });
  expected.set(key, bytes);
}

async function fill(engine: OpenEngine): Promise<void> {
  await engine.createBucket(bucket);
  for (let round = 0; round < 3; round += 1) {
    for (const size of sizes) await put(engine, `${round}/${size}`, randomBytes(size));
    await putParts(engine, `${round}/parts`);
  }
  // So that there are deletes and overwrites whose rot would bring back what is gone.
  for (const size of sizes) await put(engine, `0/${size}`, randomBytes(size));
  for (const size of sizes) {
    await engine.deleteObject({ bucket, key: `1/${size}` });
    expected.delete(`1/${size}`);
  }
}

beforeAll(async () => {
  // In memory where that can be had: rot needs no disk, and a thousand starts sync a lot.
  const base = existsSync("/dev/shm") ? "/dev/shm" : tmpdir();
  folder = mkdtempSync(join(base, "holdfast-rot-"));
  [stopped, killed, directory] = [
    join(folder, "stopped"),
    join(folder, "killed"),
    join(folder, "data"),
  ];
  const engine = await openEngine({ directory: stopped });
  await fill(engine);
  cpSync(stopped, killed, { recursive: true });
  await engine.close();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What became of one flipped bit. */
interface Outcome {
  readonly what: string;
  readonly onStart: boolean;
  readonly onRead: boolean;
  readonly byScrub: boolean;
  /** In words: bytes or answers that are not what was acknowledged. */
  readonly wrong: readonly string[];
}

/** Asks for everything there is: what fails, and what is answered and wrong. */
async function readAll(engine: OpenEngine): Promise<{ failed: boolean; wrong: readonly string[] }> {
  const wrong: string[] = [];
  let failed = false;
  const ask = async (what: string, question: () => Promise<boolean>): Promise<void> => {
    try {
      if (!(await question())) wrong.push(what);
    } catch (error) {
      if (!S3Error.is(error) || error.code !== "InternalError")
        wrong.push(`${what}: ${String(error)}`);
      failed = true;
    }
  };
  for (const [key, bytes] of expected) {
    await ask(
      `HEAD ${key}`,
      async () => (await engine.headObject(bucket, key)).size === bytes.length,
    );
    await ask(`GET ${key}`, async () => {
      const object = await engine.openObject(bucket, key);
      const pieces: Buffer[] = [];
      try {
        for await (const piece of object.read()) pieces.push(Buffer.from(piece));
      } finally {
        await object.close();
        if (!bytes.subarray(0, Buffer.concat(pieces).length).equals(Buffer.concat(pieces))) {
          wrong.push(`bytes of ${key}`);
        }
      }
      return Buffer.concat(pieces).length === bytes.length;
    });
  }
  for (const size of sizes) {
    await ask(`GET deleted 1/${size}`, () =>
      engine.headObject(bucket, `1/${size}`).then(
        () => false,
        (error: unknown) => {
          if (S3Error.is(error) && error.code === "NoSuchKey") return true;
          throw error;
        },
      ),
    );
  }
  await ask("list", async () => {
    const list = { bucket, prefix: "", delimiter: "", after: "", limit: 1000 };
    const { entries } = await engine.listObjects(list);
    const keys = entries.map((entry) => entry.type === "object" && entry.object.key);
    return keys.join() === [...expected.keys()].toSorted().join();
  });
  return { failed, wrong };
}

/** Flips a bit of a file; what it returns flips it back. */
function flip(path: string): () => void {
  const bytes = readFileSync(path);
  // Room that was made ahead of use holds nothing yet.
  let length = bytes.length;
  while (bytes[length - 1] === 0) length -= 1;
  // The ends of files are what describes them.
  const at =
    random() < 0.2 ? length - 1 - below(random, Math.min(60, length)) : below(random, length);
  const bit = 1 << below(random, 8);
  const turn = (): void => {
    bytes[at] = (bytes[at] ?? 0) ^ bit;
    writeFileSync(path, bytes);
  };
  turn();
  return turn;
}

function files(wanted: RegExp): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" })
    .filter((name) => wanted.test(name))
    .map((name) => join(directory, name));
}

/** The directory as it was, with nothing rotten in it. */
function restore(from: string): void {
  rmSync(directory, { recursive: true, force: true });
  cpSync(from, directory, { recursive: true });
}

function told(outcomes: readonly Outcome[], name: string): void {
  const sum = (of: (outcome: Outcome) => boolean): number => outcomes.filter(of).length;
  const parts = [
    `${name}: ${outcomes.length} bits flipped, ${sum(({ onStart }) => onStart)} found at the start`,
    `${sum(({ onRead }) => onRead)} on read`,
    `${sum(({ byScrub }) => byScrub)} by scrub`,
    `${sum((outcome) => !outcome.onStart && !outcome.onRead && !outcome.byScrub)} not at all`,
    `${sum(({ wrong }) => wrong.length > 0)} served wrong (seed ${seed})`,
  ];
  console.log(parts.join(", "));
}

/** Flips a bit while the engine is stopped, then starts it, reads everything and scrubs. */
async function rotStopped(from: string, wanted: RegExp): Promise<Outcome> {
  restore(from);
  const path = pick(random, files(wanted));
  flip(path);
  const what = path.slice(directory.length);
  let engine: OpenEngine;
  try {
    engine = await openEngine({ directory });
  } catch {
    return { what, onStart: true, onRead: false, byScrub: false, wrong: [] };
  }
  try {
    const { failed, wrong } = await readAll(engine);
    const { damaged } = await engine.scrub();
    const onStart = engine.recovered.cutBytes > 0;
    return { what, onStart, onRead: failed, byScrub: damaged > 0, wrong };
  } finally {
    await engine.close().catch(() => undefined);
  }
}

async function repeated(times: number, one: () => Promise<Outcome>): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (let time = 0; time < Math.round(times); time += 1) outcomes.push(await one());
  return outcomes;
}

test("a bit that flips in a blob is found by whoever reads it and by a scrub, and nothing of it is served", async () => {
  restore(stopped);
  const engine = await openEngine({ directory });
  const blobs = files(/\/[0-9a-f]{13}$/);
  const outcomes = await repeated(flips * 0.55, async () => {
    const path = pick(random, blobs);
    const flipBack = flip(path);
    const { failed, wrong } = await readAll(engine);
    const { damaged } = await engine.scrub({ changeNothing: true });
    flipBack();
    return { what: path, onStart: false, onRead: failed, byScrub: damaged === 1, wrong };
  });
  await engine.close();
  told(outcomes, "blobs");
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ onRead: true, byScrub: true, wrong: [] });
  }
});

test("a bit that flips in the index while nothing runs is found at the start", async () => {
  const wanted = /index\/(.*\.ldb|MANIFEST-.*|CURRENT)$/;
  const outcomes = await repeated(flips * 0.2, () => rotStopped(stopped, wanted));
  told(outcomes, "index, stopped");
  for (const outcome of outcomes) expect(outcome).toMatchObject({ onStart: true, wrong: [] });
});

test("a bit that flips in a table of the index under a running engine never makes a GET wrong, and a scrub finds it", async () => {
  const keys = [...expected.keys(), ...sizes.map((size) => `1/${size}`)];
  const right = new Map([...expected].map(([key, bytes]) => [key, sha256(bytes)]));
  let [died, short] = [0, 0];
  const outcomes = await repeated(flips * 0.05, async () => {
    restore(stopped);
    const path = pick(random, files(/\.ldb$/));
    const answers = await askAnother({ directory, bucket, keys }, () => flip(path));
    if (answers === undefined) {
      died += 1;
      // LevelDB may trip over what it does not verify; the next start finds it.
      await expect(openEngine({ directory })).rejects.toMatchObject({ code: "INDEX_DAMAGED" });
      return { what: path, onStart: true, onRead: false, byScrub: false, wrong: [] };
    }
    const said = Object.entries(answers.objects);
    const failed = said.filter(([, answer]) => answer.startsWith("InternalError"));
    const wrong = said
      .filter(([, answer]) => !answer.startsWith("InternalError"))
      .filter(([key, answer]) => answer !== (right.get(key) ?? "NoSuchKey no_such_key"))
      .map(([key, answer]) => `${key}: ${answer}`);
    if (Array.isArray(answers.listed) && answers.listed.length !== expected.size) short += 1;
    const byScrub = answers.damaged > 0;
    return { what: path, onStart: false, onRead: failed.length > 0, byScrub, wrong };
  });
  told(outcomes, "index, running");
  console.log(
    `of these, ${died} ended the process, and ${short} made a listing short until the scrub`,
  );
  for (const outcome of outcomes) {
    expect(outcome).toMatchObject({ wrong: [] });
    expect(outcome.byScrub || outcome.onStart).toBe(true);
  }
});

test("a bit that flips in the commit log is found at the start, and none but the last commit is cut for it", async () => {
  // A last commit that does not fit its checksum is a torn write to whoever finds it.
  const ofLast = (wrong: string): boolean => wrong === "GET deleted 1/200000" || wrong === "list";
  let cut = 0;
  const outcomes = await repeated(flips * 0.15, async () => {
    const outcome = await rotStopped(killed, /^log\//);
    if (outcome.wrong.some(ofLast)) cut += 1;
    return { ...outcome, wrong: outcome.wrong.filter((wrong) => !ofLast(wrong)) };
  });
  told(outcomes, "commit log");
  console.log(`${cut} were in the last commit, which was cut as a torn one and told of`);
  for (const outcome of outcomes) expect(outcome).toMatchObject({ onStart: true, wrong: [] });
});

test("a bit that flips in what names the format is found at the start", async () => {
  const outcomes = await repeated(flips * 0.05, () => rotStopped(stopped, /^FORMAT$/));
  told(outcomes, "format");
  for (const outcome of outcomes) expect(outcome).toMatchObject({ onStart: true, wrong: [] });
});

/** Rot that no checksum shows: what an engine that skipped its checks would make of any. */
function rotUnseen(path: string): void {
  const file = readFileSync(path);
  const trailer = file.subarray(file.length - 36);
  const length = Number(trailer.readBigUInt64LE(16));
  file[5] = (file[5] ?? 0) ^ 1;
  const block = file.subarray(0, Math.min(length, 65_536));
  const crcs = file.subarray(length, file.length - 36);
  crcs.writeUInt32LE(crc32c(block), 0);
  trailer.writeUInt32LE(crc32c(crcs), 28);
  trailer.writeUInt32LE(crc32c(trailer.subarray(0, 32)), 32);
  writeFileSync(path, file);
}

test("sabotage: with a checksum that lies, wrong bytes are served and no scrub finds them, and this proof sees both", async () => {
  restore(stopped);
  const engine = await openEngine({ directory });
  for (const path of files(/\/[0-9a-f]{13}$/)) rotUnseen(path);
  const { failed, wrong } = await readAll(engine);
  const { damaged } = await engine.scrub();
  await engine.close();
  expect({ failed, damaged }).toEqual({ failed: false, damaged: 0 });
  expect(wrong.filter((what) => what.startsWith("bytes of"))).not.toHaveLength(0);
});
