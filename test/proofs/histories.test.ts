import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { HistoryClient, type History } from "./history-client.ts";
import { findAnomalies } from "./linearizability.ts";
import { MortalServer } from "./mortal-server.ts";
import { below, countFrom, seededRandom, seedFrom, type Random } from "./random.ts";
import type { S3Client, S3Reply } from "./s3-client.ts";

const runs = countFrom("HOLDFAST_PROOF_HISTORIES", 20);
const clients = 8;
const operations = 2000;
const bucket = "histories";

let directory: string;
let server: MortalServer | undefined;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-histories-"));
});

afterEach(async () => {
  await server?.close();
  await rm(directory, { recursive: true, force: true });
});

function start(wrap?: (client: S3Client) => S3Client): MortalServer {
  server = new MortalServer({ directory, bucket, connectionsMax: clients, wrap });
  return server;
}

interface Crash {
  /** Once so many operations were asked for. */
  readonly at: number;
  readonly whileDown?: () => Promise<void>;
}

interface Recording {
  readonly name: string;
  readonly random: Random;
  readonly crashes: readonly Crash[];
  readonly length?: number;
}

/** Eight clients on fifty keys of their own run; all that they were told, and what the keys hold at the end. */
async function record(
  running: MortalServer,
  { name, random, crashes, length = operations }: Recording,
): Promise<History> {
  const prefix = `${name}/`;
  const history: History = {
    server: running,
    bucket,
    prefix,
    keys: Array.from({ length: 50 }, (_, index) => `${prefix}${index}`),
    operations: [],
    written: new Map(),
    surprises: [],
  };
  const waiting = crashes.toSorted((left, right) => left.at - right.at);
  let asked = 0;
  const work = async (client: HistoryClient): Promise<void> => {
    while (asked < length) {
      asked += 1;
      if (asked >= (waiting[0]?.at ?? Infinity)) void running.crash(waiting.shift()?.whileDown);
      await client.step();
    }
  };
  const all = Array.from({ length: clients }, (_, index) => {
    const own = seededRandom(below(random, 2 ** 32));
    return work(new HistoryClient(history, `client-${index}`, own));
  });
  await Promise.all(all);
  const last = new HistoryClient(history, "last", random);
  await last.list();
  for (const key of history.keys) await last.get(key);
  return history;
}

test(
  `what ${clients} clients see on 50 keys is in order, whatever is killed (${runs} runs of ${operations})`,
  { timeout: 60_000 + runs * 20_000 },
  async () => {
    const seed = seedFrom("HOLDFAST_SEED");
    const random = seededRandom(seed);
    const running = start();
    const startedAt = performance.now();
    const sum = { crashes: 0, observations: 0, unknown: 0, refused: 0, checkMs: 0 };
    for (let run = 0; run < runs; run++) {
      const count = 1 + below(random, 3);
      const crashes = Array.from({ length: count }, () => ({ at: 1 + below(random, operations) }));
      const history = await record(running, { name: `run-${run}`, random, crashes });
      const checkedAt = performance.now();
      const anomalies = findAnomalies(history.operations);
      sum.checkMs += performance.now() - checkedAt;
      expect(anomalies, `seed ${seed}, run ${run}`).toEqual([]);
      expect(history.surprises, `seed ${seed}, run ${run}`).toEqual([]);
      sum.crashes += count;
      sum.observations += history.operations.length;
      for (const { outcome } of history.operations) {
        if (outcome === "unknown") sum.unknown += 1;
        if (outcome === "refused" || outcome === "missing") sum.refused += 1;
      }
    }
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(0);
    console.log(
      `seed ${seed}: ${runs} runs of ${operations} operations in ${seconds} s, 0 anomalies; ` +
        `${sum.crashes} kills, ${sum.observations} observations of a key, ` +
        `${sum.unknown} writes without an answer, ${sum.refused} refused by their condition; ` +
        `${(sum.checkMs / 1000).toFixed(1)} s of it to check`,
    );
    expect(sum.unknown).toBeGreaterThan(0);
    expect(sum.refused).toBeGreaterThan(runs * 50);
  },
);

const isWrite = (method: string, target: string): boolean =>
  method === "PUT" && !target.includes("?");

/** Wrappers of an honest client, each with one lie in it. */
const lies: Record<string, (client: S3Client, random: Random) => S3Client> = {
  "a cache that serves an earlier answer": (client, random) => {
    const cache = new Map<string, S3Reply>();
    return {
      ...client,
      send: async (call) => {
        const earlier = call.method === "GET" ? cache.get(call.target) : undefined;
        if (earlier !== undefined && random() < 0.05) return earlier;
        const reply = await client.send(call);
        if (call.method === "GET") cache.set(call.target, reply);
        return reply;
      },
    };
  },
  "a write that is acknowledged and dropped": (client, random) => ({
    ...client,
    send: async (call) => {
      if (!isWrite(call.method, call.target) || random() >= 0.02) return client.send(call);
      return { status: 200, headers: {}, body: Buffer.alloc(0) };
    },
  }),
  "a condition that is not honoured": (client, random) => ({
    ...client,
    send: (call) =>
      client.send(isWrite(call.method, call.target) && random() < 0.1 ? bare(call) : call),
  }),
  "a write that takes effect once more later": (client, random) => ({
    ...client,
    send: async (call) => {
      const reply = await client.send(call);
      if (isWrite(call.method, call.target) && random() < 0.05) {
        void delay(20).then(() => client.send(bare(call)).catch(() => undefined));
      }
      return reply;
    },
  }),
  "a delete that is acknowledged and dropped": (client, random) => ({
    ...client,
    send: async (call) => {
      if (call.method !== "DELETE" || random() >= 0.1) return client.send(call);
      return { status: 204, headers: {}, body: Buffer.alloc(0) };
    },
  }),
};

type S3Call = Parameters<S3Client["send"]>[0];

function bare(call: S3Call): S3Call {
  const write = call.headers?.["x-amz-meta-write"];
  return { ...call, headers: write === undefined ? {} : { "x-amz-meta-write": write } };
}

test.each(Object.entries(lies))("sabotage: %s is found", async (_name, lie) => {
  const random = seededRandom(7);
  const running = start((client) => lie(client, random));
  let found = 0;
  for (let part = 0; part < 4 && found === 0; part++) {
    const length = operations / 4;
    const history = await record(running, { name: `lie-${part}`, random, crashes: [], length });
    expect(history.surprises).toEqual([]);
    found = findAnomalies(history.operations).length;
  }
  expect(found).toBeGreaterThan(0);
});

test("sabotage: a directory from an earlier crash, put back at a later one, is found", async () => {
  const random = seededRandom(8);
  const running = start();
  const copy = `${directory}-copy`;
  // The socket of a server that was killed cannot be copied.
  const filter = (path: string): boolean => !path.endsWith(".sock");
  const crashes: Crash[] = [
    { at: 200, whileDown: () => cp(directory, copy, { recursive: true, filter }) },
    {
      at: 600,
      whileDown: async () => {
        await rm(directory, { recursive: true });
        await cp(copy, directory, { recursive: true });
      },
    },
  ];
  try {
    const history = await record(running, { name: "back", random, crashes, length: 800 });
    expect(findAnomalies(history.operations).length).toBeGreaterThan(0);
  } finally {
    await rm(copy, { recursive: true, force: true });
  }
});
