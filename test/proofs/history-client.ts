import { createHash } from "node:crypto";
import { childrenNamed, childText, readXml, unquoteEtag } from "@holdfast/protocol";
import type { Operation } from "./linearizability.ts";
import type { MortalServer } from "./mortal-server.ts";
import { below, pick, type Random } from "./random.ts";
import type { Call, Condition, KeyValue, Outcome } from "./register.ts";
import type { S3Client, S3Reply } from "./s3-client.ts";
import { objectBytes, objectEtag, partBytes, type WrittenObject } from "./written-object.ts";

/** What the clients of one history share. */
export interface History {
  readonly server: MortalServer;
  readonly bucket: string;
  readonly prefix: string;
  readonly keys: readonly string[];
  readonly operations: Operation[];
  /** Every write that was ever asked for, by the ETag that it would have. */
  readonly written: Map<string, WrittenObject>;
  /** Answers that no client may get, in words. */
  readonly surprises: string[];
}

interface Ask {
  readonly method: string;
  readonly target: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: Buffer;
}

interface Answer {
  readonly reply: S3Reply | undefined;
  readonly invokedAt: number;
  readonly returnedAt: number;
}

/** One client of a history: one request at a time, each written down as it was asked and answered. */
export class HistoryClient {
  readonly #history: History;
  readonly #name: string;
  readonly #random: Random;
  /** What this client last knew of each key. */
  readonly #known = new Map<string, KeyValue>();
  #count = 0;

  constructor(history: History, name: string, random: Random) {
    this.#history = history;
    this.#name = name;
    this.#random = random;
  }

  async step(): Promise<void> {
    const key = this.#key();
    const dice = this.#random();
    if (dice < 0.28) await this.get(key);
    else if (dice < 0.36) await this.#head(key);
    else if (dice < 0.54) await this.#put(key, undefined);
    else if (dice < 0.64) await this.#put(key, "is-new");
    else if (dice < 0.78) await this.#put(key, this.#holds(key));
    else if (dice < 0.86) await this.#delete(key, undefined);
    else if (dice < 0.9) await this.#delete(key, this.#holds(key));
    else if (dice < 0.93) await this.#deleteMany([key, this.#key(), this.#key()]);
    else if (dice < 0.97) await this.#multipart(key);
    else await this.list();
  }

  async get(key: string): Promise<void> {
    const answer = await this.#send({ method: "GET", target: this.#target(key) });
    this.#read(key, answer, (reply) => {
      const object = this.#objectOf(reply);
      const isWhole = object !== undefined && reply.body.equals(objectBytes(object));
      return isWhole ? object.id : `${reply.body.length} bytes of no write`;
    });
  }

  /** For each key a read of its own: that all of them are of one moment is not checked. */
  async list(): Promise<void> {
    const { bucket, prefix, keys } = this.#history;
    const target = `/${bucket}?list-type=2&prefix=${encodeURIComponent(prefix)}`;
    const answer = await this.#send({ method: "GET", target });
    const { reply } = answer;
    if (reply === undefined || !this.#expect(reply, [200])) return;
    const page = readXml(reply.body, { nodesMax: 10_000 });
    const listed = childrenNamed(page, "Contents").map((entry): [string, string] => [
      childText(entry, "Key") ?? "",
      this.#valueOf(unquoteEtag(childText(entry, "ETag") ?? "")),
    ]);
    const values = new Map(listed);
    if (values.size !== listed.length || listed.some(([key]) => !keys.includes(key))) {
      this.#history.surprises.push(`listed twice or never written: ${reply.body.toString()}`);
    }
    for (const key of keys) {
      this.#record(key, { type: "read" }, { answer, outcome: { found: values.get(key) } });
    }
  }

  async #head(key: string): Promise<void> {
    const answer = await this.#send({ method: "HEAD", target: this.#target(key) });
    this.#read(key, answer, (reply) => this.#objectOf(reply)?.id ?? "headers of no write");
  }

  #read(key: string, answer: Answer, valueOf: (reply: S3Reply) => string): void {
    const { reply } = answer;
    if (reply === undefined || !this.#expect(reply, [200, 404])) return;
    const found = reply.status === 404 ? undefined : valueOf(reply);
    this.#known.set(key, found);
    this.#record(key, { type: "read" }, { answer, outcome: { found } });
  }

  async #put(key: string, condition: Condition | undefined): Promise<void> {
    const object = this.#object(false);
    const headers = { ...this.#headers(condition), "x-amz-meta-write": object.id };
    const ask = { method: "PUT", target: this.#target(key), headers, body: partBytes(object, 0) };
    this.#written(key, { type: "put", value: object.id, condition }, await this.#send(ask));
  }

  async #delete(key: string, condition: Condition | undefined): Promise<void> {
    const headers = this.#headers(condition);
    const answer = await this.#send({ method: "DELETE", target: this.#target(key), headers });
    this.#written(key, { type: "delete", condition }, answer);
  }

  async #deleteMany(keys: readonly string[]): Promise<void> {
    const names = [...new Set(keys)];
    const objects = names.map((key) => `<Object><Key>${key}</Key></Object>`).join("");
    const body = Buffer.from(`<Delete>${objects}</Delete>`);
    const answer = await this.#send({
      method: "POST",
      target: `/${this.#history.bucket}?delete`,
      headers: { "content-md5": createHash("md5").update(body).digest("base64") },
      body,
    });
    const { reply } = answer;
    if (reply?.status === 200) {
      const { length } = childrenNamed(readXml(reply.body, { nodesMax: 100 }), "Deleted");
      if (length !== names.length) this.#history.surprises.push(reply.body.toString());
    }
    for (const key of names) this.#written(key, { type: "delete" }, answer);
  }

  /** Only what completes it is an operation on the key. */
  async #multipart(key: string): Promise<void> {
    const object = this.#object(true);
    const target = this.#target(key);
    const headers = { "x-amz-meta-write": object.id };
    const created = await this.#send({ method: "POST", target: `${target}?uploads`, headers });
    if (created.reply === undefined || !this.#expect(created.reply, [200])) return;
    const uploadId = childText(readXml(created.reply.body, { nodesMax: 100 }), "UploadId") ?? "";
    const query = `uploadId=${encodeURIComponent(uploadId)}`;
    const body = partBytes(object, 0);
    const part = await this.#send({
      method: "PUT",
      target: `${target}?partNumber=1&${query}`,
      body,
    });
    if (part.reply === undefined || !this.#expect(part.reply, [200])) return;
    const condition = this.#random() < 0.5 ? this.#holds(key) : undefined;
    const etag = part.reply.headers.etag ?? "";
    const completed = await this.#send({
      method: "POST",
      target: `${target}?${query}`,
      headers: this.#headers(condition),
      body: Buffer.from(
        `<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>${etag}</ETag></Part></CompleteMultipartUpload>`,
      ),
    });
    this.#written(key, { type: "put", value: object.id, condition }, completed);
  }

  #written(key: string, call: Exclude<Call, { type: "read" }>, answer: Answer): void {
    const { reply } = answer;
    if (reply !== undefined && !this.#expect(reply, [200, 204, 404, 412])) return;
    const outcome = writtenAs(reply?.status);
    if (outcome === "done") this.#known.set(key, call.type === "put" ? call.value : undefined);
    else this.#known.delete(key);
    this.#record(key, call, { answer, outcome });
  }

  #record(key: string, call: Call, told: { answer: Answer; outcome: Outcome }): void {
    const { invokedAt, returnedAt } = told.answer;
    const { outcome } = told;
    const operation = { key, client: this.#name, call, outcome, invokedAt, returnedAt };
    this.#history.operations.push(operation);
  }

  async #send(ask: Ask): Promise<Answer> {
    const life = await this.#history.server.life();
    const invokedAt = performance.now();
    const reply = await sendTo(life.client, ask);
    if (reply !== undefined) return { reply, invokedAt, returnedAt: performance.now() };
    // Waits for the next life when this one is over.
    await this.#history.server.life();
    return { reply, invokedAt, returnedAt: life.diedAt ?? Infinity };
  }

  #expect({ status, body }: S3Reply, expected: readonly number[]): boolean {
    if (expected.includes(status)) return true;
    this.#history.surprises.push(`${this.#name} was answered ${status}: ${body.toString()}`);
    return false;
  }

  /** Half of all requests meet on a tenth of the keys. */
  #key(): string {
    const { keys } = this.#history;
    const few = keys.slice(0, Math.ceil(keys.length / 10));
    return pick(this.#random, this.#random() < 0.5 ? few : keys);
  }

  #target(key: string): string {
    return `/${this.#history.bucket}/${key}`;
  }

  #object(isMultipart: boolean): WrittenObject {
    const dice = this.#random();
    const size = dice < 0.9 ? 16 + below(this.#random, 2048) : below(this.#random, 64 * 1024) + 16;
    const id = `${this.#history.prefix}${this.#name}:${this.#count++}`;
    const object = { id, sizes: [size], isMultipart };
    this.#history.written.set(objectEtag(object), object);
    return object;
  }

  #holds(key: string): Condition {
    return { holds: this.#known.get(key) ?? "never-written" };
  }

  #headers(condition: Condition | undefined): Record<string, string> {
    if (condition === undefined) return {};
    if (condition === "is-new") return { "if-none-match": "*" };
    return { "if-match": `"${this.#etagOf(condition.holds)}"` };
  }

  #etagOf(id: string): string {
    for (const [etag, object] of this.#history.written) if (object.id === id) return etag;
    return id;
  }

  #valueOf(etag: string): string {
    return this.#history.written.get(etag)?.id ?? `ETag ${etag} of no write`;
  }

  /** The write that both the ETag and the metadata name, if it is one. */
  #objectOf({ headers }: S3Reply): WrittenObject | undefined {
    const object = this.#history.written.get(unquoteEtag(headers.etag ?? ""));
    return object?.id === headers["x-amz-meta-write"] ? object : undefined;
  }
}

function writtenAs(status: number | undefined): Outcome {
  if (status === undefined) return "unknown";
  if (status === 412) return "refused";
  return status === 404 ? "missing" : "done";
}

async function sendTo(client: S3Client, ask: Ask): Promise<S3Reply | undefined> {
  try {
    return await client.send(ask);
  } catch {
    return undefined;
  }
}
