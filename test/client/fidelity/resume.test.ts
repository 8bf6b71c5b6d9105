import { createHash } from "node:crypto";
import { getEventListeners, once } from "node:events";
import { text as textOfStream } from "node:stream/consumers";
import { crc32 } from "node:zlib";
import {
  array,
  assert,
  asyncProperty,
  boolean,
  constant,
  constantFrom,
  integer,
  oneof,
  record,
  type Arbitrary,
} from "fast-check";
import { expect, test } from "vitest";
import { type AnswerBody, S3Client, S3Error } from "@holdfast/client";
import {
  answer,
  brokenAnswer,
  silence,
  type AnswerParts,
  type ReceivedRequest,
  ScriptedServer,
  type Reply,
} from "@holdfast/lab";
import { credentials } from "./situation.ts";
import { bucket } from "./subject.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

/** What a server does about one request of an object. */
interface Turn {
  /** Which of two objects is there now: the one, or another of the same length. */
  readonly replaced: boolean;
  /** Whether it looks at `If-Match` and at `Range`. */
  readonly heeds: { readonly match: boolean; readonly range: boolean };
  readonly etag: "strong" | "weak" | "none";
  /** By how many bytes what it sends differs from what it says that it sends. */
  readonly shift: number;
  /** After which share of the body, in thousandths, it breaks off, and how. */
  readonly cut: number;
  readonly does: "fin" | "reset" | "send";
}

const sound: Turn = {
  replaced: false,
  heeds: { match: true, range: true },
  etag: "strong",
  shift: 0,
  cut: 0,
  does: "send",
};

const turn: Arbitrary<Turn> = record({
  replaced: often(false, true),
  heeds: record({ match: often(true, false), range: often(true, false) }),
  etag: oneof(
    { weight: 16, arbitrary: constant("strong" as const) },
    constantFrom("weak" as const, "none" as const),
  ),
  shift: oneof({ weight: 16, arbitrary: constant(0) }, integer({ min: -3, max: 3 })),
  cut: integer({ min: 0, max: 1_000 }),
  does: constantFrom("fin" as const, "reset" as const, "send" as const),
});

function often(usual: boolean, rare: boolean): Arbitrary<boolean> {
  return oneof({ weight: 20, arbitrary: constant(usual) }, constant(rare));
}

const readers: Record<string, (body: AnswerBody) => Promise<string>> = {
  text: (body) => body.text(),
  iterated: async (body) => {
    const pieces = [];
    for await (const piece of body) pieces.push(piece);
    return Buffer.concat(pieces).toString();
  },
  node: (body) => textOfStream(body.node()),
  web: (body) => textOfStream(body.web()),
};

/** As many digits, none like another object's at the same place. */
function content(length: number, first: number): string {
  return Array.from({ length }, (_, index) => String((index + first) % 10)).join("");
}

/** An object and how a server tells of it. */
interface Held {
  readonly length: number;
  readonly checksum: boolean;
}

interface Span {
  readonly first: number;
  readonly last: number;
}

function reply(request: ReceivedRequest, how: Turn, { length, checksum }: Held): Reply {
  const object = content(length, how.replaced ? 1 : 0);
  const name = nameOf(object);
  const match = request.headers.get("if-match");
  if (how.heeds.match && match !== undefined && match !== name) return answer({ status: 412 });
  const span = how.heeds.range ? askedSpan(request, length) : undefined;
  const headers = {
    ...(how.etag !== "none" && { ETag: how.etag === "weak" ? `W/${name}` : name }),
    ...(span && { "Content-Range": `bytes ${span.first}-${span.last}/${length}` }),
    ...(checksum && { "x-amz-checksum-crc32": checksumOf(object) }),
  };
  return sent(how, { status: span ? 206 : 200, headers }, shifted(object, span, how.shift));
}

function askedSpan({ headers }: ReceivedRequest, length: number): Span | undefined {
  const [, first, last] = /^bytes=(\d+)-(\d*)$/.exec(headers.get("range") ?? "") ?? [];
  if (first === undefined) return undefined;
  return { first: Number(first), last: last === "" ? length - 1 : Number(last) };
}

/** Only a range can differ from what is said of it: the length of all frames the message. */
function shifted(object: string, span: Span | undefined, by: number): string {
  if (span === undefined) return object;
  return object.slice(Math.max(0, span.first + Math.min(0, by)), span.last + 1 - Math.max(0, by));
}

function sent({ does, cut }: Turn, head: AnswerParts, body: string): Reply {
  if (does === "send") return answer({ ...head, body });
  const part = body.slice(0, Math.floor((body.length * cut) / 1_000));
  return brokenAnswer({ ...head, length: body.length, body: part }, { does });
}

/** What its etag is, in quotes. */
function nameOf(object: string): string {
  return `"${createHash("md5").update(object).digest("hex")}"`;
}

function checksumOf(object: string): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(crc32(object));
  return bytes.toString("base64");
}

test(`however an object breaks off and whatever comes then, it is read whole or fails (HOLDFAST_SEED=${seed})`, async () => {
  const counts = { whole: 0, resumed: 0, failed: new Map<string, number>() };
  const run = record({
    turns: array(turn, { minLength: 1, maxLength: 4 }),
    length: oneof(integer({ min: 0, max: 40 }), integer({ min: 60_000, max: 140_000 })),
    checksum: boolean(),
    reader: constantFrom(...Object.keys(readers)),
  });
  const property = asyncProperty(run, async (next) => {
    const turns = [...next.turns];
    // One of its own for each run, since what fails costs the endpoint's budget.
    const server = await ScriptedServer.start((request) =>
      reply(request, turns.shift() ?? sound, next),
    );
    await using client = new S3Client({ endpoint: server.endpoint, credentials, attemptsMax: 3 });
    try {
      const { body, etag } = await client.getObject({ bucket, key: "object" });
      const read = (await readers[next.reader]?.(body)) ?? "";
      expect(nameOf(read)).toBe(`"${etag.replaceAll(/^W\/"|"/g, "")}"`);
      counts.whole += 1;
      if (server.requests.length > 1) counts.resumed += 1;
    } catch (error) {
      if (!S3Error.is(error)) throw error;
      counts.failed.set(error.errorCode, (counts.failed.get(error.errorCode) ?? 0) + 1);
    } finally {
      await server.close();
    }
  });
  await assert(property, { seed, numRuns: 80 });
  console.log(
    `${counts.whole} read whole, ${counts.resumed} of them resumed; failed: ${JSON.stringify(Object.fromEntries(counts.failed))}`,
  );
  expect(counts.resumed).toBeGreaterThan(10);
});

const piece = "x".repeat(1_000);

/** Breaks every object off once. */
function halves(request: ReceivedRequest): Reply {
  const headers = { ETag: '"e"' };
  if (!request.headers.has("range")) {
    return brokenAnswer({ length: 2_000, headers, body: piece }, { does: "reset" });
  }
  const range = { "Content-Range": "bytes 1000-1999/2000" };
  return answer({ status: 206, headers: { ...headers, ...range }, body: piece });
}

test("what going on costs the budget comes back with the last byte, so that breaks do not add up", async () => {
  const server = await ScriptedServer.start(halves);
  await using client = new S3Client({ endpoint: server.endpoint, credentials });
  // 35 of them are all that a budget which only shrinks would pay for.
  for (let count = 0; count < 50; count += 1) {
    const { body } = await client.getObject({ bucket, key: "object" });
    expect(await body.text()).toHaveLength(2_000);
  }
  await server.close();
});

test.each(["dispose", "cancel", "destroy"])(
  "a body that waits for its rest ends at once by %s, and its request with it",
  async (how) => {
    const server = await ScriptedServer.start((request) =>
      request.headers.has("range") ? silence({ does: "stall" }) : halves(request),
    );
    await using client = new S3Client({ endpoint: server.endpoint, credentials });
    const { signal } = new AbortController();
    const { body } = await client.getObject({ bucket, key: "object", signal });
    if (how === "dispose") {
      const reading = body.bytes().catch((error: unknown) => error);
      await expect.poll(() => server.requests.length).toBe(2);
      await body.dispose();
      expect(await reading).toMatchObject({ errorCode: "Aborted" });
    } else if (how === "cancel") {
      const reader = body.web().getReader();
      await reader.read();
      const next = reader.read().catch((error: unknown) => error);
      await expect.poll(() => server.requests.length).toBe(2);
      await reader.cancel();
      expect(await next).toMatchObject({ done: true });
    } else {
      const stream = body.node().resume();
      await expect.poll(() => server.requests.length).toBe(2);
      stream.destroy();
      await once(stream, "close");
    }
    await expect.poll(() => server.connections.every(({ closed }) => closed)).toBe(true);
    expect(getEventListeners(signal, "abort")).toEqual([]);
    await server.close();
  },
);
