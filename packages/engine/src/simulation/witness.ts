import type { OpenEngine } from "../open-engine.ts";

/** A body's number, or nothing. */
export type Content = number | undefined;

interface Belief {
  acknowledged: Content;
  /** What writes since then, none of them acknowledged, may have made of it. */
  readonly possible: Content[];
}

const bucket = "b";
const sizes = [0, 90, 700, 17_000, 70_000];

/** Writes, remembers what was acknowledged, and holds the engine to it. */
export class Witness {
  readonly #beliefs = new Map<string, Belief>();
  #contents = 0;
  acknowledged = 0;

  /** The number of a body that was not written before. */
  nextContent(): number {
    this.#contents += 1;
    return this.#contents;
  }

  /** Puts, completes an upload or, without content, deletes; rejects when the engine does. */
  async write(engine: OpenEngine, key: string, content: Content): Promise<void> {
    const belief = this.#beliefs.get(key) ?? { acknowledged: undefined, possible: [] };
    this.#beliefs.set(key, belief);
    belief.possible.push(content);
    await writeOnce(engine, key, content);
    belief.acknowledged = content;
    belief.possible.length = 0;
    this.acknowledged += 1;
  }

  /** What is not as it was acknowledged, in words. Says nothing when the disk fails meanwhile. */
  async compare(engine: OpenEngine): Promise<readonly string[]> {
    const violations: string[] = [];
    const present: string[] = [];
    for (const [key, belief] of this.#beliefs) {
      const content = await readContent(engine, key);
      const may = [belief.acknowledged, ...belief.possible];
      if (typeof content === "string" || !may.includes(content)) {
        violations.push(`${key} has ${content} instead of ${may.join(" or ")}`);
        continue;
      }
      // What recovery decided on holds from now on.
      belief.acknowledged = content;
      belief.possible.length = 0;
      if (content !== undefined) present.push(key);
    }
    if (present.length === 0) return violations;
    const list = { bucket, prefix: "", delimiter: "", after: "", limit: 1000 };
    const { entries } = await engine.listObjects(list);
    const listed = entries.map((entry) => entry.type === "object" && entry.object.key);
    if (listed.join() !== present.toSorted().join()) violations.push(`lists ${listed.join()}`);
    return violations;
  }
}

/** Bytes that no other number has, of a size that follows from it. */
function bytesOf(content: number): Buffer {
  return Buffer.alloc(sizes[content % sizes.length] ?? 0, `<${content}>`);
}

async function writeOnce(engine: OpenEngine, key: string, content: Content): Promise<void> {
  if (content === undefined) {
    await engine.deleteObject({ bucket, key });
    return;
  }
  const metadata = { system: {}, user: { content: String(content) } };
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

/** The number of the body that a key holds, or what is wrong with it. */
async function readContent(engine: OpenEngine, key: string): Promise<Content | string> {
  try {
    const object = await engine.openObject(bucket, key);
    const content = Number(object.info.metadata.user["content"]);
    const read: Buffer[] = [];
    for await (const piece of object.read()) read.push(Buffer.from(piece));
    await object.close();
    return Buffer.concat(read).equals(bytesOf(content)) ? content : "other bytes";
  } catch (error) {
    const code = typeof error === "object" && error !== null && "code" in error ? error.code : "";
    return code === "NoSuchKey" || code === "NoSuchBucket" ? undefined : String(error);
  }
}
