import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { blobsFrom, blobOf } from "../../packages/engine/src/index/keys.ts";
import { openLevelStore } from "../../packages/engine/src/index/level-store.ts";
import { storeView } from "../../packages/engine/src/index/view.ts";
import { eventually } from "./eventually.ts";
import type { PowerCutDisk } from "./power-cut-disk.ts";
import { below, seededRandom, type Random } from "./random.ts";
import { connectS3, type S3Client } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { checkSurvivors, type Violation } from "./survivors.ts";
import { WriteLog } from "./write-log.ts";
import { runCalmWriter, runWriter, type OpenUpload, type WriterEnd } from "./writers.ts";

const bucket = "kept";
const writers = 16;

/** `busy` is sixteen writers without a pause; `calm` is a large object now and then. */
export type Load = "busy" | "calm";

/** After the first acknowledgement of a round, within how many milliseconds the power goes. */
const cutWithinMs = { busy: 300, calm: 600 } as const;

interface PowerCutOptions {
  readonly disk: PowerCutDisk;
  /** Of the data, on the disk. */
  readonly name: string;
  readonly seed: number;
  /** In how many of the cuts, from 0 to 1, the file system's journal still reaches the disk. */
  readonly journalShare?: number;
  /** A defect of the machine, loaded into the server. */
  readonly preload?: URL;
}

/** A data directory on a disk that loses power again and again, and what its clients were told. */
export class PowerCutRun {
  readonly log = new WriteLog();
  readonly surprises: string[] = [];
  unanswered = 0;
  tornCommits = 0;
  orphansSwept = 0;
  readonly #options: PowerCutOptions;
  readonly #random: Random;
  readonly #open = new Map<string, OpenUpload>();
  #server: ServerChild | undefined;
  #rounds = 0;

  constructor(options: PowerCutOptions) {
    this.#options = options;
    this.#random = seededRandom(options.seed);
  }

  /** Writes until the power goes, at a random moment after the first acknowledgement. */
  async writeUntilCut(load: Load): Promise<void> {
    const { disk, journalShare = 0 } = this.#options;
    const running = await this.#running();
    const inner = connectS3(running.port, writers);
    let isCut = false;
    const client: S3Client = {
      ...inner,
      async send(call) {
        const reply = await inner.send(call);
        if (isCut && reply.status >= 500) throw new Error("the power is off");
        return reply;
      },
    };
    const before = this.log.acknowledged;
    const ends = load === "busy" ? this.#busyWriters(client) : [this.#calmWriter(client)];
    await eventually(() => this.log.acknowledged > before, true);
    await delay(below(this.#random, cutWithinMs[load]));
    isCut = true;
    await disk.cut(journalShare > this.#random());
    await this.#kill();
    for (const [name, { openUpload, surprise }] of await Promise.all(ends)) {
      if (openUpload !== undefined) this.#open.set(name, openUpload);
      if (surprise !== undefined) this.surprises.push(`${name}: ${surprise}`);
    }
    inner.close();
    this.unanswered += this.log.keys().filter((key) => this.log.allowed(key).length > 1).length;
    await disk.unmount();
    await disk.mount();
  }

  /** Starts on what the cut left, and compares it with what was acknowledged. */
  async check(keys: readonly string[] = this.log.keys()): Promise<Violation[]> {
    const running = await this.#running();
    const client = connectS3(running.port, 4);
    try {
      return await checkSurvivors(client, this.log, { bucket, keys });
    } finally {
      client.close();
    }
  }

  /** Blob files that no record names, after a start; ends the server. */
  async orphans(): Promise<string[]> {
    await this.#running();
    await this.#kill();
    const { disk, name } = this.#options;
    return orphansIn(join(disk.seenFromHere, name));
  }

  async end(): Promise<void> {
    await this.#kill();
  }

  /** Keys of this round and of all writers; those of earlier races do not change any more. */
  recentKeys(): string[] {
    return this.log
      .keys()
      .filter((key) => !key.startsWith("race-") || key === `race-${this.#rounds}`);
  }

  async #running(): Promise<ServerChild> {
    if (this.#server?.isRunning() === true) return this.#server;
    const { disk, name, preload } = this.#options;
    this.#server = await startServer({
      directory: join(disk.directory, name),
      buckets: [bucket],
      through: disk.through,
      ...(preload === undefined ? {} : { env: { NODE_OPTIONS: `--import=${preload.href}` } }),
    });
    const { cutBytes, orphanedBlobs } = this.#server.recovered;
    if (cutBytes > 0) this.tornCommits += 1;
    this.orphansSwept += orphanedBlobs;
    return this.#server;
  }

  async #kill(): Promise<void> {
    await this.#server?.kill();
  }

  #busyWriters(client: S3Client): Promise<[string, WriterEnd]>[] {
    this.#rounds += 1;
    const raceKey = `race-${this.#rounds}`;
    return Array.from({ length: writers }, async (_, index): Promise<[string, WriterEnd]> => {
      const name = `writer-${index}`;
      const random = seededRandom(below(this.#random, 2 ** 32));
      const left = this.#open.get(name);
      this.#open.delete(name);
      return [
        name,
        await runWriter({ client, log: this.log, bucket, random, name, raceKey }, left),
      ];
    });
  }

  async #calmWriter(client: S3Client): Promise<[string, WriterEnd]> {
    this.#rounds += 1;
    const random = seededRandom(below(this.#random, 2 ** 32));
    const raceKey = `calm-${this.#rounds}`;
    const options = { client, log: this.log, bucket, random, name: "calm", raceKey };
    return ["calm", await runCalmWriter(options)];
  }
}

async function orphansIn(directory: string): Promise<string[]> {
  const store = await openLevelStore(join(directory, "index"));
  const named = new Set<number>();
  try {
    for await (const [key] of storeView(store).range(blobsFrom(0))) named.add(blobOf(key));
  } finally {
    await store.close();
  }
  const files = await readdir(join(directory, "blobs"), { recursive: true, withFileTypes: true });
  return files
    .filter((file) => file.isFile())
    .map((file) => file.name)
    .filter((name) => !/^[0-9a-f]{13}$/.test(name) || !named.has(Number.parseInt(name, 16)));
}
