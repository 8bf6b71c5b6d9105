import { blobKey } from "../index/keys.ts";
import { memoryStore, type MemoryImage } from "../index/memory-store.ts";
import type { OrderedStore } from "../index/ordered-store.ts";
import { openEngine, type OpenEngine } from "../open-engine.ts";
import { seeded } from "./seeded.ts";
import { SimDisk, type Chance, type DiskCall } from "./sim-disk.ts";
import type { Fs } from "../disk/fs.ts";

/** One run of writers against a disk that loses power, from its seed. */
export interface CrashRun {
  readonly seed: number;
  /** What stands between the engine and its disk: a defect to be found, or nothing. */
  readonly between?: (disk: SimDisk) => Fs;
}

export interface CrashOutcome {
  /** Writes that were acknowledged before the power went. */
  readonly acknowledged: number;
  /** What was found that must not be, in words; empty when the engine kept its word. */
  readonly violations: readonly string[];
  /** Calls to the disk at which the power could have gone. */
  readonly calls: number;
}

/** What a key may hold: a body's number, or nothing. */
type Content = number | undefined;

interface Belief {
  acknowledged: Content;
  /** What a write under way may have made of it. */
  underWay: { readonly content: Content } | undefined;
}

const directory = "/data";
const bucket = "b";
const sizes = [0, 90, 700, 17_000, 70_000];
const writers = 3;
const keysPerWriter = 2;
const crashesDeep = 3;

/** Bytes that no other number has, of a size that follows from it. */
function bytesOf(content: number): Buffer {
  return Buffer.alloc(sizes[content % sizes.length] ?? 0, `<${content}>`);
}

/** Writes until the power goes, crashes, recovers, up to three times over, and compares. */
export async function crashRun({
  seed,
  between = (disk) => disk,
}: CrashRun): Promise<CrashOutcome> {
  const chance = seeded(seed);
  const beliefs = new Map<string, Belief>();
  const violations: string[] = [];
  const image: MemoryImage = { durable: new Map(), unflushed: [] };
  let disk = new SimDisk();
  let acknowledged = 0;
  let calls = 0;
  let content = 0;
  const nextContent = (): number => (content += 1);
  await disk.mkdir(directory);
  await disk.syncDirectory("");
  for (let depth = 0; depth < crashesDeep; depth += 1) {
    const powerOffAt = 1 + Math.floor(chance() * (chance() < 0.3 ? 40 : 400));
    const off = (call: DiskCall): void => {
      if (call.number === powerOffAt) disk.powerOff();
    };
    disk = disk.crash(chance, off);
    loseUnflushed(image, chance);
    const session = { disk, image, chance, beliefs, nextContent, between, violations };
    acknowledged += await writeUntilOff(session);
    calls += disk.calls;
  }
  disk = disk.crash(chance);
  loseUnflushed(image, chance);
  try {
    const engine = await openSimulated(between(disk), disk, image);
    violations.push(...(await compare(engine, beliefs)), ...orphans(disk, image));
    await engine.close();
  } catch (error) {
    violations.push(`does not open: ${String(error)}`);
  }
  return { acknowledged, violations, calls };
}

function loseUnflushed(image: MemoryImage, chance: Chance): void {
  image.unflushed = image.unflushed.filter(() => chance() < 0.5);
}

function openSimulated(fs: Fs, disk: SimDisk, image: MemoryImage): Promise<OpenEngine> {
  return openEngine({
    directory,
    fs,
    clock: { now: () => 0 },
    openStore: async () => failingWith(disk, memoryStore(image)),
    logBytesMax: 60_000,
  });
}

/** The index is on the same disk: it does nothing more once the power is off. */
function failingWith(disk: SimDisk, store: OrderedStore): OrderedStore {
  return {
    ...store,
    apply: (changes) => disk.call("index", "apply").then(() => store.apply(changes)),
    flush: () => disk.call("index", "flush").then(() => store.flush()),
  };
}

interface Session {
  readonly disk: SimDisk;
  readonly image: MemoryImage;
  readonly chance: Chance;
  readonly beliefs: Map<string, Belief>;
  readonly nextContent: () => number;
  readonly between: (disk: SimDisk) => Fs;
  readonly violations: string[];
}

async function writeUntilOff(session: Session): Promise<number> {
  const { disk, image, between, beliefs, violations } = session;
  let engine: OpenEngine;
  try {
    engine = await openSimulated(between(disk), disk, image);
  } catch (error) {
    if (!disk.off) violations.push(`does not open: ${String(error)}`);
    return 0;
  }
  const wrong = await compare(engine, beliefs);
  // Reads fail once the power is off, which says nothing.
  if (disk.off) return 0;
  violations.push(...wrong);
  try {
    await engine.createBucket(bucket);
  } catch {
    // There already, or the power is off.
  }
  const counts = await Promise.all(
    Array.from({ length: writers }, (_, writer) => write(session, engine, writer)),
  );
  await engine.close().catch(() => undefined);
  return counts.reduce((sum, count) => sum + count, 0);
}

async function write(session: Session, engine: OpenEngine, writer: number): Promise<number> {
  let acknowledged = 0;
  while (!session.disk.off && acknowledged < 60) {
    const key = `${writer}/${Math.floor(session.chance() * keysPerWriter)}`;
    const belief = session.beliefs.get(key) ?? { acknowledged: undefined, underWay: undefined };
    session.beliefs.set(key, belief);
    const next = session.chance() < 0.2 ? undefined : session.nextContent();
    belief.underWay = { content: next };
    try {
      await writeOnce(engine, key, next);
    } catch {
      return acknowledged;
    }
    belief.acknowledged = next;
    belief.underWay = undefined;
    acknowledged += 1;
  }
  return acknowledged;
}

async function writeOnce(engine: OpenEngine, key: string, content: Content): Promise<void> {
  const metadata = { system: {}, user: { content: String(content) } };
  if (content === undefined) {
    await engine.deleteObject({ bucket, key });
    return;
  }
  const bytes = bytesOf(content);
  const body = pieces(bytes);
  if (content % 3 !== 0) {
    const checksumAlgorithm = "CRC32C";
    await engine.putObject({ bucket, key, body, size: bytes.length, metadata, checksumAlgorithm });
    return;
  }
  const ref = await engine.createUpload({ bucket, key, metadata });
  const part = await engine.putPart({ ...ref, partNumber: 1, body, size: undefined });
  await engine.completeUpload({ ...ref, parts: [{ partNumber: 1, etag: part.etag }] });
}

async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 30_000) yield bytes.subarray(at, at + 30_000);
}

/** Holds what is there against what was acknowledged; only says something while the power is on. */
async function compare(
  engine: OpenEngine,
  beliefs: ReadonlyMap<string, Belief>,
): Promise<readonly string[]> {
  const violations: string[] = [];
  const found = new Map<string, Content>();
  for (const [key, belief] of beliefs) {
    const content = await readContent(engine, key);
    found.set(key, typeof content === "number" ? content : undefined);
    const may = [belief.acknowledged, ...(belief.underWay ? [belief.underWay.content] : [])];
    if (typeof content === "string" || !may.includes(content)) {
      violations.push(`${key} has ${content} instead of ${may.join(" or ")}`);
    } else {
      // What recovery decided on holds from now on.
      belief.acknowledged = content;
      belief.underWay = undefined;
    }
  }
  const present = [...found].flatMap(([key, content]) => (content === undefined ? [] : [key]));
  const list = { bucket, prefix: "", delimiter: "", after: "", limit: 1000 };
  const page = present.length === 0 ? { entries: [] } : await engine.listObjects(list);
  const listed = page.entries.map((entry) => entry.type === "object" && entry.object.key);
  if (listed.join() !== present.toSorted().join()) violations.push(`lists ${listed.join()}`);
  return violations;
}

/** The number of the body that a key holds, or what is wrong with it. */
async function readContent(engine: OpenEngine, key: string): Promise<Content | string> {
  try {
    const object = await engine.openObject(bucket, key);
    const content = Number(object.info.metadata.user["content"]);
    const read: Buffer[] = [];
    for await (const piece of object.read()) read.push(piece);
    await object.close();
    return Buffer.concat(read).equals(bytesOf(content)) ? content : "other bytes";
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
    return code === "NoSuchKey" || code === "NoSuchBucket" ? undefined : String(error);
  }
}

/** Blob files that no record counts, and records whose blob is not there. */
function orphans(disk: SimDisk, image: MemoryImage): readonly string[] {
  const store = memoryStore(image);
  const blobs = disk.files().filter((path) => path.startsWith(`${directory}/blobs/`));
  const counted = [...blobs].filter((path) => {
    return (
      store.get(blobKey(Number.parseInt(path.slice(path.lastIndexOf("/") + 1), 16))) !== undefined
    );
  });
  return counted.length === blobs.length ? [] : [`${blobs.length - counted.length} orphans`];
}
