import { createHash } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { childrenNamed, readXml } from "@holdfast/protocol";
import { below, pick, type Random } from "./random.ts";
import type { S3Client, S3Reply } from "./s3-client.ts";
import { expectStatus, Surprise } from "./surprise.ts";
import { partSizes, UploadWriter, type OpenUpload } from "./upload-writer.ts";
import type { WriteLog } from "./write-log.ts";
import { objectEtag, partBytes, type WrittenObject } from "./written-object.ts";

export type { OpenUpload } from "./upload-writer.ts";

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
    if (left !== undefined) await writer.uploads.complete(left);
    await writer.race();
    for (;;) await writer.step();
  } catch (cause) {
    if (cause instanceof Surprise) return { surprise: cause.message };
    const openUpload = writer.uploads.whole;
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

class Writer {
  readonly #options: WriterOptions;
  readonly uploads: UploadWriter;
  #count = 0;

  constructor(options: WriterOptions) {
    this.#options = options;
    this.uploads = new UploadWriter(options);
  }

  async step(): Promise<void> {
    const { random } = this.#options;
    const key = this.#key();
    const dice = random();
    if (dice < 0.1) await this.#delete(key, {});
    else if (dice < 0.15) await this.#delete(key, this.#condition(key));
    else if (dice < 0.2) await this.#deleteMany();
    else if (dice < 0.3) await this.#copy(this.#key(), key);
    else if (dice < 0.35) await this.#refused(key);
    else if (dice < 0.5) await this.uploads.run(key, this.#object(true), this.#object(true));
    else if (dice < 0.65) await this.#put(key, this.#object(false), this.#condition(key));
    else await this.#put(key, this.#object(false), {});
  }

  async putLarge(): Promise<void> {
    const { random, name, raceKey } = this.#options;
    const id = `${raceKey}:${name}:${this.#count++}`;
    const object = { id, sizes: [20_000 + below(random, 300_000)], isMultipart: false };
    await this.#put(this.#key(), object, {});
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
      expectStatus(reply, [412, 409]);
      log.refused(raceKey, object);
    }
  }

  async #delete(key: string, headers: Record<string, string>): Promise<void> {
    const { client, bucket, log } = this.#options;
    // If-Match is for what is there; nobody else writes this key.
    const condition = headers["if-match"] === undefined ? {} : headers;
    log.asked(key, "absent");
    const target = `/${bucket}/${key}`;
    expectStatus(await client.send({ method: "DELETE", target, headers: condition }), [204]);
    log.answered(key, "absent");
  }

  async #deleteMany(): Promise<void> {
    const { client, bucket, log } = this.#options;
    const keys = [...new Set([this.#key(), this.#key(), this.#key()])];
    const objects = keys.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
    const body = Buffer.from(`<Delete>${objects}</Delete>`);
    for (const key of keys) log.asked(key, "absent");
    const reply = await client.send({
      method: "POST",
      target: `/${bucket}?delete`,
      headers: { "content-md5": createHash("md5").update(body).digest("base64") },
      body,
    });
    expectStatus(reply, [200]);
    const deleted = childrenNamed(readXml(reply.body, { nodesMax: 100 }), "Deleted");
    if (deleted.length !== keys.length) throw new Surprise(reply.body.toString());
    for (const key of keys) log.answered(key, "absent");
  }

  /** The copy is the same write under another key: its bytes, its ETag and its metadata. */
  async #copy(source: string, key: string): Promise<void> {
    const { client, bucket, log } = this.#options;
    const object = log.settled(source);
    if (source === key) return;
    if (object !== "absent") log.asked(key, object);
    const reply = await client.send({
      method: "PUT",
      target: `/${bucket}/${key}`,
      headers: { "x-amz-copy-source": `/${bucket}/${source}` },
    });
    expectStatus(reply, [object === "absent" ? 404 : 200]);
    if (object !== "absent") log.answered(key, object);
  }

  /** A condition that does not hold: nothing of it may be seen, ever. */
  async #refused(key: string): Promise<void> {
    const isThere = this.#options.log.settled(key) !== "absent";
    const headers = isThere ? { "if-none-match": "*" } : { "if-match": '"never-written"' };
    expectStatus(await this.#putObject(key, this.#object(false), headers), [isThere ? 412 : 404]);
  }

  async #put(key: string, object: WrittenObject, headers: Record<string, string>): Promise<void> {
    const { log } = this.#options;
    log.asked(key, object);
    expectStatus(await this.#putObject(key, object, headers), [200]);
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

  /** One that holds, for nobody else writes this key. */
  #condition(key: string): Record<string, string> {
    const settled = this.#options.log.settled(key);
    return settled === "absent"
      ? { "if-none-match": "*" }
      : { "if-match": `"${objectEtag(settled)}"` };
  }

  #key(): string {
    const { random, name } = this.#options;
    return `${name}/${below(random, keysPerWriter)}`;
  }

  #object(isMultipart: boolean): WrittenObject {
    const { random, name, raceKey } = this.#options;
    const id = `${raceKey}:${name}:${this.#count++}`;
    return { id, sizes: isMultipart ? partSizes(random) : [objectSize(random)], isMultipart };
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
