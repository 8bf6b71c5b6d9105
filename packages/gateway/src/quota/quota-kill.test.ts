import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { Agent } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEngine, type Engine } from "@holdfast/engine";
import { childText, readXml } from "@holdfast/protocol";
import { expect, test } from "vitest";
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import { credentials, region, send, type Answer, type Ask } from "../s3-subject.test.support.ts";
import { completion } from "../upload-in-parts.test.support.ts";
import { openUpstreams } from "../upstream/open-upstreams.ts";
import { openQuotas } from "./open-quotas.ts";
import type { QuotaChild } from "./quota-child.test.support.ts";
import { heldBytes } from "./quota-subject.test.support.ts";

const bucket = "bucket";
const hardBytes = 400_000;
const operations = Number(process.env["HOLDFAST_QUOTA_OPERATIONS"] ?? 200);
const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const program = new URL("../../dist/quota/quota-child.test.support.js", import.meta.url).href;

/** A gateway that is killed again and again, and requests that go on. */
class Mortal {
  readonly #child: QuotaChild;
  readonly #agent = new Agent({ keepAlive: true });
  #process: ChildProcess | undefined;
  #port: Promise<number>;
  kills = 0;

  constructor(child: QuotaChild) {
    this.#child = child;
    this.#port = this.#start();
  }

  async #start(): Promise<number> {
    const script = `import(${JSON.stringify(program)}).then((it) => it.serveQuotas(JSON.parse(process.argv[1])))`;
    const started = spawn(process.execPath, ["-e", script, JSON.stringify(this.#child)], {
      stdio: ["ignore", "ignore", "inherit", "ipc"],
    });
    this.#process = started;
    const [port] = await once(started, "message");
    return Number(port);
  }

  async kill(): Promise<void> {
    await this.#port;
    const dying = this.#process;
    if (dying === undefined) return;
    const gone = once(dying, "exit");
    dying.kill("SIGKILL");
    await gone;
    this.kills += 1;
  }

  async crash(): Promise<void> {
    await this.kill();
    this.#port = this.#start();
    await this.#port;
  }

  /** Undefined when the gateway died on the way. */
  async send(ask: Ask): Promise<Answer | undefined> {
    try {
      return await send(ask, { agent: this.#agent, port: await this.#port });
    } catch {
      await sleep(20);
      return undefined;
    }
  }

  close(): Promise<void> {
    this.#agent.destroy();
    return this.kill();
  }
}

function randomOf(start: number): (below: number) => number {
  let state = start;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

interface OpenUpload {
  readonly target: string;
  readonly parts: Map<number, string>;
}

/** One tenant, who does a bit of everything. */
class Tenant {
  readonly #gateway: Mortal;
  readonly #random: (below: number) => number;
  readonly #uploads: OpenUpload[] = [];
  done = 0;
  refused = 0;

  constructor(gateway: Mortal, random: (below: number) => number) {
    this.#gateway = gateway;
    this.#random = random;
  }

  #target(): string {
    return `/${bucket}/k${this.#random(24)}`;
  }

  async act(): Promise<void> {
    const chance = this.#random(100);
    const answer = await this.#ask(chance);
    if (answer === undefined) return;
    this.done += 1;
    if (answer.status === 507) this.refused += 1;
    // Nothing else may go wrong while the gateway lives.
    if (![200, 204, 404, 409, 507].includes(answer.status)) throw new Error(answer.body.toString());
  }

  async #ask(chance: number): Promise<Answer | undefined> {
    const target = this.#target();
    const body = Buffer.alloc(this.#random(this.#random(4) === 0 ? 150_000 : 20_000));
    if (chance < 40) return this.#gateway.send({ method: "PUT", target, body });
    if (chance < 55) return this.#gateway.send({ method: "DELETE", target });
    if (chance < 63) return this.#copy(target);
    const upload = this.#uploads[this.#random(this.#uploads.length)];
    if (chance < 70 || upload === undefined) return this.#begin(target);
    return chance < 90 ? this.#part(upload, body) : this.#end(upload, chance < 95);
  }

  #copy(target: string): Promise<Answer | undefined> {
    const source = this.#target();
    const headers = { "x-amz-copy-source": source };
    const onto = source === target ? `${target}c` : target;
    return this.#gateway.send({ method: "PUT", target: onto, headers });
  }

  async #part(upload: OpenUpload, body: Buffer): Promise<Answer | undefined> {
    const partNumber = 1 + this.#random(3);
    const part = { method: "PUT", target: `${upload.target}&partNumber=${partNumber}`, body };
    const answer = await this.#gateway.send(part);
    if (answer?.status === 200) upload.parts.set(partNumber, answer.headers.etag ?? "");
    return answer;
  }

  async #end(upload: OpenUpload, completes: boolean): Promise<Answer | undefined> {
    this.#uploads.splice(this.#uploads.indexOf(upload), 1);
    const [first] = upload.parts;
    // Its first part alone, so that the size of parts does not matter; the others are given back.
    if (completes && first !== undefined) {
      const done = { method: "POST", target: upload.target, body: completion([first]) };
      const answer = await this.#gateway.send(done);
      // A part may have been replaced by a request of which no answer came.
      return answer?.status === 400 ? undefined : answer;
    }
    return this.#gateway.send({ method: "DELETE", target: upload.target });
  }

  async #begin(target: string): Promise<Answer | undefined> {
    const answer = await this.#gateway.send({ method: "POST", target: `${target}?uploads` });
    if (answer?.status !== 200) return answer;
    const id = childText(readXml(answer.body), "UploadId") ?? "";
    this.#uploads.push({ target: `${target}?uploadId=${id}`, parts: new Map() });
    return answer;
  }
}

async function live(gateway: Mortal): Promise<Record<"done" | "refused", number>> {
  const random = randomOf(seed);
  const tenants = Array.from({ length: 8 }, () => new Tenant(gateway, random));
  const sum = (name: "done" | "refused"): number =>
    tenants.reduce((all, one) => all + one[name], 0);
  const state = { isOver: false };
  const working = tenants.map(async (tenant) => {
    while (!state.isOver) await tenant.act();
  });
  const killing = (async () => {
    while (sum("done") < operations) {
      const next = sum("done") + 10 + random(50);
      while (sum("done") < next) await sleep(5);
      await sleep(random(20));
      await gateway.crash();
    }
    state.isOver = true;
  })();
  await Promise.all([...working, killing]);
  await gateway.close();
  return { done: sum("done"), refused: sum("refused") };
}

interface Looked {
  readonly directory: string;
  readonly engine: Engine;
  readonly endpoint?: string;
}

/** What the last process left, settled as the next one does, against what is there and against a recount. */
async function look({ directory, engine, endpoint }: Looked): Promise<void> {
  const attachment = { bucket, upstream: "far", remoteBucket: bucket, createdAt: 0 };
  const attachmentOf = (): typeof attachment | undefined =>
    endpoint === undefined ? undefined : attachment;
  const configs = endpoint === undefined ? [] : [{ name: "far", endpoints: [endpoint], region, credentials }]; // prettier-ignore
  const upstreams = openUpstreams(configs);
  const file = join(directory, "usage.db");
  const quotas = await openQuotas({ file, engine, quotaOf: () => ({ hardBytes }), upstreams, attachmentOf }); // prettier-ignore
  let usage = await quotas.usage(bucket);
  for (let wait = 0; usage?.reservedBytes !== 0 && wait < 20; wait += 1) {
    await quotas.settleLeftovers();
    usage = await quotas.usage(bucket);
    await sleep(wait === 0 ? 0 : 250);
  }
  await sleep(endpoint === undefined ? 0 : 2500);
  await quotas.settleLeftovers();
  usage = await quotas.usage(bucket);
  const held = await heldBytes(engine, bucket);
  const { driftBytes } = await quotas.recount(bucket);
  await quotas.close();
  await upstreams.close();
  expect({ usage, driftBytes }).toEqual({ usage: { usedBytes: held, reservedBytes: 0 }, driftBytes: 0 }); // prettier-ignore
  expect(held).toBeLessThanOrEqual(hardBytes);
}

const limit = 120_000 + operations * 400;

test(`after ${operations} operations with kills, what is counted of the engine's bucket is what is there (seed ${seed})`, { timeout: limit }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-quota-kill-"));
  const gateway = new Mortal({ directory, credentials, region, bucket, hardBytes });
  const { done, refused } = await live(gateway);
  const engine = await openEngine({ directory: join(directory, "engine") });
  await look({ directory, engine });
  await engine.close();
  await rm(directory, { recursive: true });
  console.log(`engine: ${done} operations, ${refused} refused, ${gateway.kills} kills`);
  expect(refused).toBeGreaterThan(0);
}); // prettier-ignore

test(`after ${operations} operations with kills, what is counted of an attached bucket is what is there (seed ${seed})`, { timeout: limit }, async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-quota-kill-"));
  const engine = await openEngine({ directory: join(directory, "far") });
  await engine.createBucket(bucket);
  const far = await startGateway({ engine, control: rootControl(credentials), region, statusProfile: "documented", host: "127.0.0.1", port: 0 }); // prettier-ignore
  const { endpoint } = far;
  const gateway = new Mortal({ directory, credentials, region, bucket, hardBytes, endpoint });
  const { done, refused } = await live(gateway);
  await look({ directory, engine, endpoint });
  await far.close({ graceMs: 0 });
  await engine.close();
  await rm(directory, { recursive: true });
  console.log(`attached: ${done} operations, ${refused} refused, ${gateway.kills} kills`);
  expect(refused).toBeGreaterThan(0);
}); // prettier-ignore
