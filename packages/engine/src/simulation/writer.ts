import { S3Error, s3Error } from "@holdfast/protocol";
import type { ObjectInfo, UploadRef } from "../api.ts";
import type { OpenEngine } from "../open-engine.ts";
import { raceKey, sharedBucket, type Beliefs } from "./beliefs.ts";
import { bytesOf, etagOf, nameOf, nameOfBytes, nameOfEtag } from "./content.ts";
import type { Chance } from "./disk-image.ts";
import { unknownId, type Changes, type Ledger } from "./ledger.ts";

/** One of some writers who share an engine and each keep to what is theirs. */
export interface WriterParts {
  readonly name: string;
  readonly engine: OpenEngine;
  readonly beliefs: Beliefs;
  readonly chance: Chance;
  /** The number of a content that was not written before. */
  readonly nextContent: () => number;
}

export function keysOf(writer: string): readonly string[] {
  return [`${writer}/a`, `${writer}/b`, `${writer}/c`];
}

/** The bucket that a writer makes and takes away. */
export function ownBucket(writer: string): string {
  return `own-${writer}`;
}

/** Thrown for what an engine must not do while its disk works. */
export class Violation extends Error {}

type Step = (writer: Writer) => Promise<void>;

/** Does what a writer may do, one thing at a time, and keeps the ledger of it. */
export class Writer {
  readonly #parts: WriterParts;
  readonly #ledger: Ledger;

  constructor(parts: WriterParts) {
    this.#parts = parts;
    this.#ledger = parts.beliefs.ledger(parts.name);
  }

  /** Rejects as the engine does, or with a `Violation`. */
  async step(): Promise<void> {
    await this.pick(steps)(this);
  }

  pick<T>(choices: readonly T[]): T {
    const choice = choices[Math.floor(this.#parts.chance() * choices.length)];
    if (choice === undefined) throw new Error("nothing to choose from");
    return choice;
  }

  async put(): Promise<void> {
    const { engine, nextContent } = this.#parts;
    const key = this.#anyKey();
    const known = this.#ledger.state.has(objectName(key));
    const precondition = (current: ObjectInfo | undefined): void => {
      if ((current !== undefined) !== known)
        throw s3Error("PreconditionFailed", { Condition: "If-Match" });
    };
    const content = nextContent();
    await this.#write(new Map([[objectName(key), nameOf(content)]]), () =>
      engine.putObject({ ...newObject(key, content), precondition }),
    );
  }

  /** A write whose condition does not hold is refused and changes nothing. */
  async putRefused(): Promise<void> {
    const { engine, nextContent } = this.#parts;
    const key = this.#anyKey();
    const put = engine.putObject({ ...newObject(key, nextContent()), precondition: refuse });
    if (!(await refusedBy(put))) throw new Violation(`${key} was written against its condition`);
  }

  async delete(): Promise<void> {
    const { engine } = this.#parts;
    const key = this.#anyKey();
    await this.#write(new Map([[objectName(key), undefined]]), () =>
      engine.deleteObject({ bucket: sharedBucket, key }),
    );
  }

  async deleteMany(): Promise<void> {
    const { engine, name } = this.#parts;
    const keys = keysOf(name).slice(this.pick([0, 1]));
    await this.#write(new Map(keys.map((key) => [objectName(key), undefined])), () =>
      engine.deleteObjects(
        sharedBucket,
        keys.map((key) => ({ key })),
      ),
    );
  }

  async copy(): Promise<void> {
    const { engine } = this.#parts;
    const [from, key] = [this.#anyKey(), this.#anyKey()];
    const content = this.#ledger.state.get(objectName(from));
    if (content === undefined) return this.put();
    const source = { bucket: sharedBucket, key: from };
    await this.#write(new Map([[objectName(key), content]]), () =>
      engine.copyObject({ bucket: sharedBucket, key, source }),
    );
  }

  /** Who has an object open reads it as it was, whatever comes in its place. */
  async replaceWhileRead(): Promise<void> {
    const { engine } = this.#parts;
    const key = this.#anyKey();
    const content = this.#ledger.state.get(objectName(key));
    if (content === undefined) return this.put();
    const object = await engine.openObject(sharedBucket, key);
    try {
      await this.pick([replaceBy(key), () => this.delete()])(this);
      const pieces: Buffer[] = [];
      for await (const piece of object.read()) pieces.push(Buffer.from(piece));
      const read = nameOfBytes(Buffer.concat(pieces));
      if (read !== content) throw new Violation(`${key} was ${content} when opened, then ${read}`);
    } finally {
      await object.close();
    }
  }

  async createUpload(): Promise<void> {
    const { engine, name } = this.#parts;
    const ownBucketIsThere = this.#ledger.state.has(`bucket ${ownBucket(name)}`);
    const bucket = ownBucketIsThere ? ownBucket(name) : sharedBucket;
    const key = this.#anyKey();
    this.#ledger.begin(new Map([[`upload ${bucket}/${key} ${unknownId}`, "open"]]));
    const { uploadId } = await engine.createUpload({ bucket, key, metadata });
    this.#ledger.acknowledged(new Map([[`upload ${bucket}/${key} ${uploadId}`, "open"]]));
  }

  async putPart(): Promise<void> {
    const { engine, nextContent } = this.#parts;
    const ref = this.#anyUpload();
    if (ref === undefined) return this.createUpload();
    const partNumber = this.pick([1, 2]);
    const content = nextContent();
    const body = piecesOf(content);
    await this.#write(new Map([[partName(ref, partNumber), etagOf(content)]]), () =>
      engine.putPart({ ...ref, partNumber, body, size: undefined }),
    );
  }

  /** Completes with one part, as any before the last would need 5 MiB; another is let go. */
  async completeUpload(): Promise<void> {
    const { engine } = this.#parts;
    const ref = this.#anyUpload();
    if (ref === undefined) return this.createUpload();
    const { bucket, key } = ref;
    const numbers = [1, 2].filter((number) => this.#ledger.state.has(partName(ref, number)));
    if (numbers.length === 0 || bucket !== sharedBucket) return this.putPart();
    const partNumber = this.pick(numbers);
    const etag = this.#ledger.state.get(partName(ref, partNumber)) ?? "";
    const changes = new Map([...this.#withoutUpload(ref), [objectName(key), nameOfEtag(etag)]]);
    await this.#write(changes, () =>
      engine.completeUpload({ ...ref, parts: [{ partNumber, etag }] }),
    );
  }

  async abortUpload(): Promise<void> {
    const { engine } = this.#parts;
    const ref = this.#anyUpload();
    if (ref === undefined) return this.createUpload();
    await this.#write(this.#withoutUpload(ref), () => engine.abortUpload(ref));
  }

  /** Makes the bucket, or takes it away and with it the uploads in it. */
  async changeBucket(): Promise<void> {
    const { engine, name } = this.#parts;
    const bucket = ownBucket(name);
    const register = `bucket ${bucket}`;
    if (!this.#ledger.state.has(register)) {
      await this.#write(new Map([[register, "there"]]), () => engine.createBucket(bucket));
      return;
    }
    const uploads = this.#uploads().filter((ref) => ref.bucket === bucket);
    const gone = uploads.flatMap((ref) => [...this.#withoutUpload(ref)]);
    await this.#write(new Map([...gone, [register, undefined]]), () => engine.deleteBucket(bucket));
  }

  async race(): Promise<void> {
    const { engine, beliefs, nextContent } = this.#parts;
    const number = nextContent();
    const content = nameOf(number);
    beliefs.runs(content);
    const lost = await refusedBy(
      engine.putObject({ ...newObject(raceKey, number), precondition: refuseIfThere }),
    );
    const violation = lost ? beliefs.loses(content) : beliefs.wins(content);
    if (violation !== undefined) throw new Violation(violation);
  }

  async replace(key: string): Promise<void> {
    const { engine, nextContent } = this.#parts;
    const content = nextContent();
    await this.#write(new Map([[objectName(key), nameOf(content)]]), () =>
      engine.putObject(newObject(key, content)),
    );
  }

  async #write(changes: Changes, write: () => Promise<unknown>): Promise<void> {
    this.#ledger.begin(changes);
    await write();
    this.#ledger.acknowledged();
  }

  #anyKey(): string {
    return this.pick(keysOf(this.#parts.name));
  }

  #anyUpload(): UploadRef | undefined {
    const uploads = this.#uploads();
    return uploads.length === 0 ? undefined : this.pick(uploads);
  }

  #uploads(): readonly UploadRef[] {
    return [...this.#ledger.state.keys()].flatMap((name) => {
      const [, bucket, key, uploadId] = /^upload ([^/]*)\/([^ ]*) (.*)$/.exec(name) ?? [];
      if (bucket === undefined || key === undefined || uploadId === undefined) return [];
      return [{ bucket, key, uploadId }];
    });
  }

  #withoutUpload(ref: UploadRef): Changes {
    return new Map([
      [`upload ${ref.bucket}/${ref.key} ${ref.uploadId}`, undefined],
      [partName(ref, 1), undefined],
      [partName(ref, 2), undefined],
    ]);
  }
}

const steps: readonly Step[] = [
  (writer) => writer.put(),
  (writer) => writer.put(),
  (writer) => writer.put(),
  (writer) => writer.put(),
  (writer) => writer.putRefused(),
  (writer) => writer.delete(),
  (writer) => writer.deleteMany(),
  (writer) => writer.copy(),
  (writer) => writer.replaceWhileRead(),
  (writer) => writer.createUpload(),
  (writer) => writer.putPart(),
  (writer) => writer.putPart(),
  (writer) => writer.completeUpload(),
  (writer) => writer.completeUpload(),
  (writer) => writer.abortUpload(),
  (writer) => writer.changeBucket(),
  (writer) => writer.race(),
];

function refuse(): never {
  throw s3Error("PreconditionFailed", { Condition: "If-Match" });
}

function refuseIfThere(current: ObjectInfo | undefined): void {
  if (current !== undefined) refuse();
}

const metadata = { system: {}, user: {} };

function newObject(key: string, content: number) {
  const body = piecesOf(content);
  const size = bytesOf(content).length;
  return { bucket: sharedBucket, key, body, size, metadata, checksumAlgorithm: "CRC32C" } as const;
}

async function* piecesOf(content: number): AsyncGenerator<Buffer> {
  const bytes = bytesOf(content);
  for (let at = 0; at < bytes.length; at += 30_000) yield bytes.subarray(at, at + 30_000);
}

/** What a ledger calls an object of the shared bucket. */
export function objectName(key: string): string {
  return `object ${sharedBucket}/${key}`;
}

function partName({ uploadId }: UploadRef, partNumber: number): string {
  return `part ${uploadId} ${partNumber}`;
}

function replaceBy(key: string): Step {
  return (writer) => writer.replace(key);
}

async function refusedBy(write: Promise<unknown>): Promise<boolean> {
  try {
    await write;
    return false;
  } catch (error) {
    if (S3Error.is(error) && error.code === "PreconditionFailed") return true;
    throw error;
  }
}
