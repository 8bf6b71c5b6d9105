import { childText, isErrorCode, readXml, type ErrorCode } from "@holdfast/protocol";
import { connectS3, type S3Client, type S3Reply } from "./s3-client.ts";
import { checkSurvivors, type Violation } from "./survivors.ts";
import { WriteLog } from "./write-log.ts";
import { partBytes, type WrittenObject } from "./written-object.ts";

/** Answers that say for certain that nothing was stored. */
const certain: ReadonlySet<string> = new Set(["InsufficientStorage"]);

/** `ok`, the code of a refusal, or `broken` when the connection was. */
export type Outcome = ErrorCode | "broken" | "ok";

/** A client that remembers what it was told, over servers that come and go. */
export class Shelf {
  readonly bucket: string;
  readonly log = new WriteLog();
  /** How many answers there were of each kind. */
  readonly outcomes = new Map<Outcome, number>();
  #client: S3Client | undefined;
  #count = 0;
  readonly #now: () => number;

  /** `now` is the clock that requests are signed by. */
  constructor(bucket: string, now: () => number = Date.now) {
    this.bucket = bucket;
    this.#now = now;
  }

  connect(port: number, connections = 8): void {
    this.close();
    const client = connectS3(port, connections);
    this.#client = {
      send: (call) => client.send({ now: this.#now(), ...call }),
      close: () => client.close(),
    };
  }

  close(): void {
    this.#client?.close();
  }

  async put(key: string, size: number): Promise<Outcome> {
    this.#count += 1;
    const object: WrittenObject = { id: `w${this.#count}`, sizes: [size], isMultipart: false };
    this.log.asked(key, object);
    const outcome = await this.ask({
      method: "PUT",
      target: `/${this.bucket}/${key}`,
      headers: { "x-amz-meta-write": object.id },
      body: partBytes(object, 0),
    });
    if (outcome === "ok") this.log.answered(key, object);
    else if (certain.has(outcome)) this.log.refused(key, object);
    return outcome;
  }

  async delete(key: string): Promise<Outcome> {
    this.log.asked(key, "absent");
    const target = `/${this.bucket}/${key}`;
    const outcome = await this.ask({
      method: "DELETE",
      target,
    });
    if (outcome === "ok") this.log.answered(key, "absent");
    else if (certain.has(outcome)) this.log.refused(key, "absent");
    return outcome;
  }

  /** Sends any request; what came of it is counted. */
  async ask(call: Parameters<S3Client["send"]>[0]): Promise<Outcome> {
    const reply = await this.send(call).catch(() => undefined);
    const outcome = reply === undefined ? "broken" : outcomeOf(reply);
    this.outcomes.set(outcome, (this.outcomes.get(outcome) ?? 0) + 1);
    return outcome;
  }

  send(call: Parameters<S3Client["send"]>[0]): Promise<S3Reply> {
    if (this.#client === undefined) throw new Error("not connected");
    return this.#client.send(call);
  }

  /** Reads and lists everything, and compares it with what was acknowledged. */
  async check(): Promise<readonly Violation[]> {
    if (this.#client === undefined) throw new Error("not connected");
    return checkSurvivors(this.#client, this.log, { bucket: this.bucket });
  }

  /** The keys that hold an object for all we were told. */
  kept(): readonly string[] {
    return this.log.keys().filter((key) => this.log.settled(key) !== "absent");
  }

  /** For a line that counts: `120 ok, 3 InsufficientStorage`. */
  counts(): string {
    return [...this.outcomes].map(([outcome, count]) => `${count} ${outcome}`).join(", ");
  }
}

function outcomeOf({ status, body }: S3Reply): Outcome {
  if (status < 300) return "ok";
  // Whoever comes faster than answers can be taken gets the status alone.
  if (status === 503 && body.length === 0) return "ServiceUnavailable";
  const code = childText(readXml(body, { nodesMax: 100 }), "Code") ?? "";
  if (!isErrorCode(code)) throw new Error(`${status} without a code of ours: ${body.toString()}`);
  return code;
}
