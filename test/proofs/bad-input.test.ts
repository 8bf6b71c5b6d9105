import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { RequestRecord } from "@holdfast/gateway";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Answer } from "./answers.ts";
import { errorCodeOf } from "./error-document.ts";
import { eventually } from "./eventually.ts";
import { frame } from "./framer.ts";
import { fuzzCase, type FuzzCase } from "./fuzz-cases.ts";
import { below, countFrom, seededRandom, seedFrom } from "./random.ts";
import { RawConnection } from "./raw-connection.ts";
import { connectS3 } from "./s3-client.ts";
import { startServer, type ServerChild } from "./server-child.ts";

const requests = countFrom("HOLDFAST_PROOF_REQUESTS", 20_000);
const connectionsAtOnce = 12;
const intended5xx = new Set([501, 503, 507]);

let directory: string;
let server: ServerChild;
const failures: RequestRecord[] = [];

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-fuzz-"));
  server = await startServer({
    directory,
    buckets: ["fuzzed"],
    onRequest: (record) => {
      if (record.status >= 500 && !intended5xx.has(record.status)) failures.push(record);
    },
  });
});

afterAll(async () => {
  await server.kill();
  await rm(directory, { recursive: true, force: true });
});

interface Tally {
  sent: number;
  connections: number;
  answered: number;
  unanswered: number;
  readonly statuses: Map<number, number>;
  readonly wrong: string[];
}

/** Sends one case on a connection of its own, and judges all that comes back. */
async function attempt({ kind, pieces }: FuzzCase, tally: Tally): Promise<void> {
  const bytes = Buffer.concat(pieces);
  const { methods, isPartial } = frame(bytes);
  const complete = methods.length - (isPartial ? 1 : 0);
  tally.sent += methods.length;
  tally.connections++;
  const connection = await RawConnection.open(server.port, methods);
  try {
    for (const piece of pieces) {
      connection.write(piece);
      if (pieces.length > 1) await new Promise(setImmediate);
    }
    await connection.until(() => (isSettled(connection, complete) ? true : undefined));
    const { answers, rest } = await connection.finish();
    judge(answers, methods.length, tally);
    // A HEAD that cannot be read is no HEAD to the server: its refusal has a document.
    const isDocument =
      methods[answers.length - 1] === "HEAD" && rest.toString().startsWith("<?xml");
    if (rest.length > 0 && !isDocument)
      throw new Error(`left over: ${JSON.stringify(rest.toString("latin1"))}`);
    tally.unanswered += complete - Math.min(complete, answers.length);
  } catch (cause) {
    const shown = JSON.stringify(bytes.toString("latin1").slice(0, 1500));
    tally.wrong.push(`${kind}: ${String(cause)}\n  sent ${shown}`);
  } finally {
    connection.destroy();
  }
}

function isSettled(connection: RawConnection, complete: number): boolean {
  return connection.closed || connection.answers.answers.length >= complete;
}

function judge(answers: readonly Answer[], framed: number, tally: Tally): void {
  if (answers.length > framed) throw new Error(`${answers.length} answers to ${framed} requests`);
  for (const answer of answers) {
    const { status } = answer;
    tally.answered++;
    tally.statuses.set(status, (tally.statuses.get(status) ?? 0) + 1);
    if (status >= 500 && !intended5xx.has(status)) throw new Error(`status ${status}`);
    if (status >= 400 && answer.body.length > 0) errorCodeOf(answer);
  }
}

async function canariesThatSang(): Promise<string> {
  const client = connectS3(server.port, 1);
  const target = "/fuzzed?list-type=2&prefix=canary-";
  const { body } = await client.send({ method: "GET", target });
  client.close();
  return (body.toString().match(/<Key>[^<]*/g) ?? []).join(" ");
}

test("the canary is stored when it is a request of its own", async () => {
  const client = connectS3(server.port, 1);
  const target = "/fuzzed/canary-alive";
  expect((await client.send({ method: "PUT", target, body: Buffer.from("sung") })).status).toBe(
    200,
  );
  expect(await canariesThatSang()).toBe("<Key>canary-alive");
  expect((await client.send({ method: "DELETE", target })).status).toBe(204);
  client.close();
});

test(
  `${requests} hostile requests: no crash, no 5xx that is not meant, no request inside another`,
  { timeout: 60_000 + requests * 20 },
  async () => {
    const seed = seedFrom("HOLDFAST_SEED");
    const random = seededRandom(seed);
    const tally: Tally = {
      sent: 0,
      connections: 0,
      answered: 0,
      unanswered: 0,
      statuses: new Map(),
      wrong: [],
    };
    const startedAt = performance.now();
    const descriptorsBefore = server.descriptors();
    let residentMax = server.residentMiB();
    const work = async (own: ReturnType<typeof seededRandom>): Promise<void> => {
      while (tally.sent < requests && tally.wrong.length < 20 && server.isRunning()) {
        await attempt(fuzzCase(own, server.port), tally);
        if (tally.connections % 200 === 0) {
          residentMax = Math.max(residentMax, server.residentMiB());
        }
      }
    };
    await Promise.all(
      Array.from({ length: connectionsAtOnce }, () => work(seededRandom(below(random, 2 ** 32)))),
    );
    const statuses = [...tally.statuses].toSorted(([a], [b]) => a - b);
    console.log(
      `seed ${seed}: ${tally.sent} requests on ${tally.connections} connections in ` +
        `${Math.round((performance.now() - startedAt) / 1000)} s; ${tally.answered} answers ` +
        `(${statuses.map(([status, count]) => `${count} × ${status}`).join(", ")}); ` +
        `${tally.unanswered} ended without an answer; resident set at most ${residentMax} MiB; ` +
        `${tally.wrong.length} wrong`,
    );
    expect(tally.wrong).toEqual([]);
    expect(failures).toEqual([]);
    expect(server.isRunning()).toBe(true);
    expect(server.errors()).toBe("");
    expect(await canariesThatSang()).toBe("");
    expect(residentMax).toBeLessThan(300);
    expect(await eventually(() => server.descriptors() <= descriptorsBefore + 2, true)).toBe(true);
  },
);

test("sabotage: an answer too many, a bare 500 and a broken document are each seen", () => {
  const tally: Tally = {
    sent: 0,
    connections: 0,
    answered: 0,
    unanswered: 0,
    statuses: new Map(),
    wrong: [],
  };
  const answer = (status: number, body: string): Answer => ({
    status,
    headers: new Map(),
    body: Buffer.from(body),
    interim: [],
  });
  expect(() => judge([answer(200, ""), answer(200, "")], 1, tally)).toThrow("2 answers");
  expect(() => judge([answer(500, "")], 1, tally)).toThrow("status 500");
  expect(() => judge([answer(400, "Bad Request")], 1, tally)).toThrow("without a document");
});
