import { spawnSync } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { eventually } from "./eventually.ts";
import { RawConnection } from "./raw-connection.ts";
import { signed, toBytes } from "./raw-request.ts";
import { connectS3 } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";
import { Shelf } from "./shelf.ts";

const bucket = "kept";
const large = 3 * 1024 * 1024;

let directory: string;
let server: ServerChild | undefined;
let shelf: Shelf;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-descriptors-"));
  shelf = new Shelf(bucket);
});

afterEach(async () => {
  shelf.close();
  await server?.kill();
  server = undefined;
  await rm(directory, { recursive: true, force: true });
});

async function startLimited(descriptors: number): Promise<ServerChild> {
  const through = ["bash", "-c", `ulimit -n ${descriptors}; exec "$@"`, "bash"];
  server = await startServer({ directory, buckets: [bucket], through });
  return server;
}

interface Wave {
  readonly served: number;
  readonly refused: number;
  readonly broken: number;
  readonly others: readonly string[];
}

/** So many connections at once, each reading or writing an object that has a file of its own. */
async function wave(connections: number, round: string): Promise<Wave> {
  const before = new Map(shelf.outcomes);
  await Promise.all(
    Array.from({ length: connections }, (_, index) =>
      index % 2 === 0
        ? shelf.ask({ method: "GET", target: `/${bucket}/large` })
        : shelf.put(`${round}-${index}`, 100_000),
    ),
  );
  const count = (name: "ServiceUnavailable" | "broken" | "ok"): number =>
    (shelf.outcomes.get(name) ?? 0) - (before.get(name) ?? 0);
  const named = new Set<string>(["ServiceUnavailable", "broken", "ok"]);
  return {
    served: count("ok"),
    refused: count("ServiceUnavailable"),
    broken: count("broken"),
    others: [...shelf.outcomes.keys()].filter((name) => !named.has(name)),
  };
}

/** Little more than what a start needs to load the program, whose files are read many at once. */
const few = 400;

test.each([512, few])(
  "with %i descriptors, connections beyond them are refused in words, and none breaks",
  { timeout: 300_000 },
  async (descriptors) => {
    const running = await startLimited(descriptors);
    const atRest = running.descriptors();
    shelf.connect(running.port, 1);
    expect(await shelf.put("large", large)).toBe("ok");
    const waves: string[] = [];
    for (const connections of [5, 40, 100, 400]) {
      shelf.connect(running.port, connections);
      const { served, refused, broken, others } = await wave(connections, `w${connections}`);
      shelf.close();
      waves.push(`${connections} at once: ${served} served, ${refused} refused, ${broken} broken`);
      expect(others).toEqual([]);
      expect(served).toBeGreaterThanOrEqual(Math.min(connections, 5));
      expect(broken).toBe(0);
      expect(await eventually(() => running.descriptors() < atRest + 8, true)).toBe(true);
    }
    console.log(`${descriptors} descriptors, ${atRest} at rest; ${waves.join("; ")}`);
    shelf.connect(running.port, 4);
    expect(running.isRunning()).toBe(true);
    const health = await shelf.send({ method: "GET", target: "/-/health" });
    expect([health.status, JSON.parse(health.body.toString())]).toEqual([
      200,
      { writable: true, syncFailures: 0 },
    ]);
    const metrics = await shelf.send({ method: "GET", target: "/-/metrics" });
    const refusals = /^holdfast_connections_refused_total (\d+)$/m.exec(metrics.body.toString());
    expect(Number(refusals?.[1])).toBeGreaterThan(0);
    expect(await shelf.put("after", 100_000)).toBe("ok");
    expect(await shelf.check()).toEqual([]);
  },
);

test("a connection that ends makes room for another", async () => {
  const running = await startLimited(few);
  const clients = Array.from({ length: few }, () => connectS3(running.port, 1));
  const list = { method: "GET", target: `/${bucket}` };
  const answers = await Promise.all(clients.map((client) => client.send(list)));
  const statuses = answers.map(({ status }) => status);
  expect(new Set(statuses)).toEqual(new Set([200, 503]));
  expect(answers.filter(({ headers }) => headers["retry-after"] === "1").length).toBe(
    statuses.filter((status) => status === 503).length,
  );
  for (const client of clients) client.close();
  const next = connectS3(running.port, 1);
  expect(await eventually(async () => (await next.send(list)).status, 200)).toBe(200);
  next.close();
});

test("a HEAD on a connection too many is answered without a body", async () => {
  const running = await startLimited(few);
  const taken = await Promise.all(
    Array.from({ length: few }, () => RawConnection.open(running.port, ["HEAD"])),
  );
  const request = { port: running.port, method: "HEAD", target: `/${bucket}` };
  for (const connection of taken) connection.write(toBytes(signed(request)));
  const answers = await Promise.all(taken.map((connection) => connection.answer()));
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 503]));
  expect(taken.map(({ answers: { rest } }) => rest.length)).toEqual(taken.map(() => 0));
  for (const connection of taken) connection.destroy();
});

test("sabotage: a server that counts on descriptors that it does not have is seen to break connections", async () => {
  const running = await startLimited(4096);
  const atRest = running.descriptors();
  shelf.connect(running.port, 1);
  expect(await shelf.put("large", large)).toBe("ok");
  shelf.close();
  const limit = ["--pid", String(running.pid), `--nofile=${atRest + 30}:${atRest + 30}`];
  expect(spawnSync("/usr/bin/prlimit", limit).status).toBe(0);
  shelf.connect(running.port, 200);
  const { served, refused, broken } = await wave(200, "sabotaged");
  console.log(`200 at once: ${served} served, ${refused} refused, ${broken} broken`);
  expect(broken).toBeGreaterThan(0);
  // What it does answer for is there all the same, once there are descriptors to answer with.
  shelf.close();
  expect(await eventually(() => running.descriptors() < atRest + 8, true)).toBe(true);
  shelf.connect(running.port, 4);
  expect(await shelf.check()).toEqual([]);
});
