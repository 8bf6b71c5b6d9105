import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { S3Client, S3Error, type S3ClientOptions } from "@holdfast/client";
import {
  answer,
  brokenAnswer,
  silence,
  ScriptedServer,
  type Reply,
  type Script,
} from "@holdfast/lab";
import { credentials } from "./situation.ts";
import { bucket } from "./subject.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function connect(
  script: Script,
  options: Partial<S3ClientOptions> = {},
): Promise<{ server: ScriptedServer; client: S3Client }> {
  const server = await ScriptedServer.start(script);
  const client = new S3Client({ endpoint: server.endpoint, credentials, ...options });
  closing.push(() => server.close());
  closing.push(() => client.close());
  return { server, client };
}

/** What a call came to, thrown or not, or `hangs` if it came to nothing in time. */
async function outcome(promise: Promise<unknown>, ms = 30_000): Promise<unknown> {
  const end = new AbortController();
  const late = sleep(ms, "hangs", { signal: end.signal }).catch(() => "hangs");
  const settled = promise.catch((error: unknown) => error);
  try {
    return await Promise.race([settled, late]);
  } finally {
    end.abort();
  }
}

async function failureOf(promise: Promise<unknown>): Promise<S3Error> {
  const error = await outcome(promise);
  if (S3Error.is(error)) return error;
  throw new TypeError(`no S3Error but ${String(error)}`);
}

function textOf(client: S3Client): Promise<string> {
  return client.getObject(object).then(({ body }) => body.text());
}

async function piecesOf(client: S3Client): Promise<Uint8Array[]> {
  const { body } = await client.getObject(object);
  const pieces = [];
  for await (const piece of body) pieces.push(piece);
  return pieces;
}

function raw(bytes: string, ...then: Reply["steps"]): Reply {
  return { after: "body", steps: [{ does: "send", bytes }, ...then] };
}

const key = "object";
const object = { bucket, key };
const etag = { ETag: '"e"' };
const whole = answer({ headers: etag, body: "right" });

const upgrade = "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n";

test("an answer that switches to another protocol is a malformed one and not a call that never ends", async () => {
  const { server, client } = await connect(() => raw(upgrade));
  const malformed = { errorCode: "MalformedResponse", attempts: 3 };
  expect(await failureOf(client.headObject(object))).toMatchObject(malformed);
  expect(await failureOf(client.putObject({ ...object, body: "x" }))).toMatchObject(malformed);
  expect(server.requests).toHaveLength(6);
});

test("a CONNECT that is answered settles", async () => {
  const { client } = await connect(() => raw("HTTP/1.1 200 OK\r\n\r\n"));
  const error = await failureOf(client.request({ method: "CONNECT", ...object }));
  expect(error).toMatchObject({ errorCode: "MalformedResponse", attempts: 1 });
});

test("informational answers without end are no answer: the limit for its head holds", async () => {
  const early = { does: "send", bytes: "HTTP/1.1 103 Early Hints\r\n\r\n" } as const;
  const steps = Array.from({ length: 100 }, () => [early, { does: "wait", ms: 20 } as const]);
  const { client } = await connect(() => ({ after: "body", steps: steps.flat() }), {
    timeouts: { headersMs: 200 },
    attemptsMax: 1,
  });
  expect(await failureOf(client.headObject(object))).toMatchObject({ errorCode: "HeadersTimeout" });
});

test("an error's body that drips is waited for no longer than for its head", async () => {
  const drip = [
    { does: "send", bytes: "<" },
    { does: "wait", ms: 20 },
  ] as const;
  const head = "HTTP/1.1 404 Not Found\r\nx-amz-request-id: R\r\nContent-Length: 60000\r\n\r\n";
  const steps = Array.from({ length: 1_000 }, () => drip).flat();
  const { client } = await connect(() => raw(head, ...steps), { timeouts: { headersMs: 2_000 } });
  const error = await failureOf(client.getObject(object));
  expect(error).toMatchObject({ statusCode: 404, requestId: "R", attempts: 1 });
});

test("an object that came whole is there, though its connection was reset before anyone read it", async () => {
  const { server, client } = await connect(() => ({
    after: "body",
    steps: [...whole.steps, { does: "wait", ms: 30 }, { does: "reset" }],
  }));
  const { body } = await client.getObject(object);
  await expect.poll(() => server.connections.every(({ closed }) => closed)).toBe(true);
  await sleep(20);
  expect(await outcome(body.text())).toBe("right");
  expect(server.requests).toHaveLength(1);
});

test("bytes after the end of an answer undo neither a read nor a write", async () => {
  const { server, client } = await connect(() =>
    raw('HTTP/1.1 200 OK\r\nETag: "e"\r\nContent-Length: 5\r\n\r\nright and more'),
  );
  expect(await outcome(textOf(client))).toBe("right");
  expect(await outcome(client.putObject({ ...object, body: "x" }))).toMatchObject({ etag: "e" });
  expect(server.requests).toHaveLength(2);
});

test("an empty object that nobody reads holds no connection", async () => {
  const { server, client } = await connect(() => answer({ headers: etag }), { connectionsMax: 1 });
  for (let count = 0; count < 3; count += 1) {
    expect(await outcome(client.getObject(object))).toMatchObject({ etag: "e" });
  }
  expect(server.connections).toHaveLength(1);
  const read = client.getObject(object);
  expect(await outcome(read.then(({ body }) => body.bytes()))).toHaveLength(0);
  expect(await outcome(piecesOf(client))).toEqual([]);
});

/** An object of ten bytes whose first answer breaks after five. */
function brokenThen(rest: Reply, first: Partial<Record<string, string>> = etag): Script {
  let answered = 0;
  return () => {
    answered += 1;
    if (answered > 1) return rest;
    return brokenAnswer({ length: 10, headers: first, body: "01234" }, { does: "reset" });
  };
}

const range = { "Content-Range": "bytes 5-9/10" };

test.each([
  ["shorter than it says", answer({ status: 206, headers: { ...etag, ...range }, body: "56" })],
  ["longer than it says", answer({ status: 206, headers: { ...etag, ...range }, body: "56789ab" })],
  ["of an object it does not name", answer({ status: 206, headers: range, body: "56789" })],
  ["the whole object", answer({ headers: etag, body: "0123456789" })],
])("a rest that is %s does not make an object", async (_, rest) => {
  for (const read of [textOf, piecesOf]) {
    const { client } = await connect(brokenThen(rest));
    expect(await failureOf(read(client))).toMatchObject({
      errorCode: "MalformedResponse",
      category: "unavailable",
    });
  }
});

test("a range that ends before it says is gone on with", async () => {
  const pieces = ["01234", "567", "89"];
  let first = 0;
  const { server, client } = await connect(() => {
    const body = pieces[server.requests.length - 1] ?? "";
    const headers = { ...etag, "Content-Range": `bytes ${first}-9/10` };
    first += body.length;
    return answer({ status: 206, headers, body, framing: "chunked" });
  });
  const read = client.getObject({ ...object, range: { start: 0 } });
  expect(await outcome(read.then(({ body }) => body.text()))).toBe("0123456789");
});

test("a part of an object is gone on with by its range alone", async () => {
  const part = { ...etag, "Content-Range": "bytes 10-19/30" };
  let answered = 0;
  const { server, client } = await connect(() => {
    answered += 1;
    if (answered === 1) {
      return brokenAnswer(
        { status: 206, length: 10, headers: part, body: "01234" },
        { does: "reset" },
      );
    }
    const headers = { ...etag, "Content-Range": "bytes 15-19/30" };
    return answer({ status: 206, headers, body: "56789" });
  });
  const read = client.getObject({ ...object, partNumber: 2, versionId: "v" });
  expect(await outcome(read.then(({ body }) => body.text()))).toBe("0123456789");
  expect(server.requests.map(({ target }) => target)).toEqual([
    `/${bucket}/${key}?partNumber=2&versionId=v`,
    `/${bucket}/${key}?versionId=v`,
  ]);
});

test.each([
  ["a part of it, unasked", undefined, range],
  ["another range", { start: 0, end: 4 }, range],
  ["less than the range", { start: 5, end: 9 }, { "Content-Range": "bytes 5-7/10" }],
  ["another end", { last: 3 }, range],
  ["longer than its range", { start: 5, end: 8 }, { "Content-Range": "bytes 5-8/10" }],
  ["a range without saying which", { start: 5, end: 9 }, {}],
])("an object is not %s", async (_, asked, headers) => {
  const { client } = await connect(() =>
    answer({ status: 206, headers: { ...etag, ...headers }, body: "56789" }),
  );
  const error = await failureOf(client.getObject({ ...object, range: asked }));
  expect(error).toMatchObject({ errorCode: "MalformedResponse", statusCode: 206 });
});

test("a range of an object is not the whole of it", async () => {
  const { client } = await connect(() => whole);
  const error = await failureOf(client.getObject({ ...object, range: { start: 1, end: 2 } }));
  expect(error).toMatchObject({ errorCode: "MalformedResponse", statusCode: 200 });
});

test("a write that was answered with what cannot be read may have been carried out", async () => {
  const vast = `<DeleteResult>${" ".repeat(9 * 2 ** 20)}</DeleteResult>`;
  const { client } = await connect(() => answer({ body: vast }));
  const call = client.request({ method: "POST", bucket, answer: "DeleteResult" });
  expect(await failureOf(call)).toMatchObject({ errorCode: "ResponseTooLarge", ambiguous: true });
});

test("a HEAD whose answer cannot be read is not ambiguous", async () => {
  const { client } = await connect(() => answer());
  const error = await failureOf(client.headObject(object));
  expect(error).toMatchObject({ errorCode: "MalformedResponse", ambiguous: false });
});

test("a write whose answer was lost stays ambiguous when the breaker refuses to send it again", async () => {
  const { client } = await connect(() => silence({ does: "reset" }), {
    circuitBreaker: { failureThreshold: 1 },
  });
  const error = await failureOf(client.putObject({ ...object, body: "x" }));
  expect(error).toMatchObject({ name: "CircuitOpenError", ambiguous: true, attempts: 1 });
});

test("a body goes on past no breaker that is open", async () => {
  const { server, client } = await connect(brokenThen(silence({ does: "reset" })), {
    circuitBreaker: { failureThreshold: 1 },
    attemptsMax: 5,
  });
  expect(await failureOf(textOf(client))).toMatchObject({ name: "CircuitOpenError" });
  expect(server.requests).toHaveLength(2);
});
