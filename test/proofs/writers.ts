import { setTimeout as delay } from "node:timers/promises";
import { childText, readXml } from "@holdfast/protocol";
import { below, pick, type Random } from "./random.ts";
import type { S3Client, S3Reply } from "./s3-client.ts";
import type { WriteLog } from "./write-log.ts";
import { objectEtag, partBytes, partEtag, type WrittenObject } from "./written-object.ts";

const keysPerWriter = 6;

interface WriterOptions {
  readonly client: S3Client;
  readonly log: WriteLog;
  readonly bucket: string;
  readonly random: Random;
  readonly name: string;
  /** The key that every writer of a round tries to create; one of them may win. */
  readonly raceKey: string;
}

/** An upload whose parts were acknowledged before the server died. */
export interface OpenUpload {
  readonly key: string;
  readonly uploadId: string;
  readonly object: WrittenObject;
}

/** What a writer leaves behind when the server is gone. */
export interface WriterEnd {
  readonly openUpload?: OpenUpload;
  /** An answer that no writer may get, in words. */
  readonly surprise?: string;
}

/** Writes, overwrites, deletes and completes, one request at a time, until the server is gone. */
export async function runWriter(options: WriterOptions, left?: OpenUpload): Promise<WriterEnd> {
  const writer = new Writer(options);
  try {
    if (left !== undefined) await writer.complete(left);
    await writer.race();
    for (;;) await writer.step();
  } catch (cause) {
    if (cause instanceof Surprise) return { surprise: cause.message };
    const { openUpload } = writer;
    return openUpload === undefined ? {} : { openUpload };
  }
}

/** Puts an object that takes a blob of its own now and then, alone, until the server is gone. */
export async function runCalmWriter(options: WriterOptions): Promise<WriterEnd> {
  const writer = new Writer(options);
  try {
    for (;;) await writer.putLarge();
  } catch (cause) {
    return cause instanceof Surprise ? { surprise: cause.message } : {};
  }
}

class Surprise extends Error {}

class Writer {
  readonly #options: WriterOptions;
  #count = 0;
  openUpload: OpenUpload | undefined;

  constructor(options: WriterOptions) {
    this.#options = options;
  }

  async step(): Promise<void> {
    const { random, name } = this.#options;
    const key = `${name}/${below(random, keysPerWriter)}`;
    const dice = random();
    if (dice < 0.2) await this.#delete(key);
    else if (dice < 0.4) await this.#multipart(key);
    else if (dice < 0.6) await this.#putIf(key);
    else await this.#put(key, this.#object(false), {});
  }

  async putLarge(): Promise<void> {
    const { random, name, raceKey } = this.#options;
    const id = `${raceKey}:${name}:${this.#count++}`;
    const object = { id, sizes: [20_000 + below(random, 300_000)], isMultipart: false };
    await this.#put(`${name}/${below(random, keysPerWriter)}`, object, {});
    await delay(500 + below(random, 500));
  }

  /** All writers ask to create the same key: at most one may be told that it did. */
  async race(): Promise<void> {
    const { log, raceKey } = this.#options;
    const object = this.#object(false);
    log.asked(raceKey, object);
    const reply = await this.#putObject(raceKey, object, { "if-none-match": "*" });
    if (reply.status === 200) {
      if (log.settled(raceKey) !== "absent") throw new Surprise(`two writers created ${raceKey}`);
      log.answered(raceKey, object);
    } else {
      this.#expect(reply, [412, 409]);
      log.refused(raceKey, object);
    }
  }

  async complete({ key, uploadId, object }: OpenUpload): Promise<void> {
    const { client, bucket, log } = this.#options;
    const document = object.sizes
      .map((_, index) => {
        const etag = partEtag(object, index);
        return `<Part><PartNumber>${index + 1}</PartNumber><ETag>"${etag}"</ETag></Part>`;
      })
      .join("");
    log.asked(key, object);
    this.openUpload = undefined;
    const reply = await client.send({
      method: "POST",
      target: `/${bucket}/${key}?uploadId=${encodeURIComponent(uploadId)}`,
      body: Buffer.from(`<CompleteMultipartUpload>${document}</CompleteMultipartUpload>`),
    });
    this.#expect(reply, [200]);
    log.answered(key, object);
  }

  async #delete(key: string): Promise<void> {
    const { client, bucket, log } = this.#options;
    log.asked(key, "absent");
    this.#expect(await client.send({ method: "DELETE", target: `/${bucket}/${key}` }), [204]);
    log.answered(key, "absent");
  }

  /** The condition holds, for nobody else writes this key: anything but 200 is a surprise. */
  async #putIf(key: string): Promise<void> {
    const settled = this.#options.log.settled(key);
    const condition: Record<string, string> =
      settled === "absent" ? { "if-none-match": "*" } : { "if-match": `"${objectEtag(settled)}"` };
    await this.#put(key, this.#object(false), condition);
  }

  async #put(key: string, object: WrittenObject, headers: Record<string, string>): Promise<void> {
    const { log } = this.#options;
    log.asked(key, object);
    this.#expect(await this.#putObject(key, object, headers), [200]);
    log.answered(key, object);
  }

  #putObject(
    key: string,
    object: WrittenObject,
    headers: Record<string, string>,
  ): Promise<S3Reply> {
    const { client, bucket } = this.#options;
    return client.send({
      method: "PUT",
      target: `/${bucket}/${key}`,
      headers: { ...headers, "x-amz-meta-write": object.id },
      body: partBytes(object, 0),
    });
  }

  async #multipart(key: string): Promise<void> {
    const { client, bucket } = this.#options;
    const object = this.#object(true);
    const target = `/${bucket}/${key}`;
    const created = await client.send({
      method: "POST",
      target: `${target}?uploads`,
      headers: { "x-amz-meta-write": object.id },
    });
    this.#expect(created, [200]);
    const uploadId = childText(readXml(created.body, { nodesMax: 100 }), "UploadId") ?? "";
    const part = `${target}?uploadId=${encodeURIComponent(uploadId)}&partNumber=`;
    for (const index of object.sizes.keys()) {
      const body = partBytes(object, index);
      this.#expect(
        await client.send({ method: "PUT", target: `${part}${index + 1}`, body }),
        [200],
      );
    }
    this.openUpload = { key, uploadId, object };
    await this.complete(this.openUpload);
  }

  #object(isMultipart: boolean): WrittenObject {
    const { random, name, raceKey } = this.#options;
    const id = `${raceKey}:${name}:${this.#count++}`;
    return { id, sizes: isMultipart ? partSizes(random) : [objectSize(random)], isMultipart };
  }

  #expect({ status, body }: S3Reply, expected: readonly number[]): void {
    if (!expected.includes(status)) throw new Surprise(`${status}: ${body.toString()}`);
  }
}

/** Empty ones, inline ones, those around the edges of a block, and some beyond a mebibyte. */
function objectSize(random: Random): number {
  const dice = random();
  if (dice < 0.08) return 0;
  if (dice < 0.4) return below(random, 4096);
  if (dice < 0.6) return pick(random, [4095, 4096, 4097, 65_535, 65_536, 65_537, 131_072]);
  if (dice < 0.96) return below(random, 300 * 1024);
  return 1024 * 1024 + below(random, 1024 * 1024);
}

/** Mostly one part; now and then a full one before it, since only the last may be small. */
function partSizes(random: Random): number[] {
  const last = 1 + below(random, 200 * 1024);
  return random() < 0.02 ? [5 * 1024 * 1024, last] : [last];
}
