import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { getEventListeners, once } from "node:events";
import { createServer, type Socket } from "node:net";
import { afterEach, expect, test } from "vitest";
import { parseAmzDate } from "@holdfast/protocol";
import { S3Client, S3Error, getObject, putObject, type S3ClientOptions } from "@holdfast/client";
import {
  answer,
  brokenAnswer,
  refusal,
  silence,
  vastAnswer,
  ScriptedServer,
  type Script,
} from "@holdfast/lab";
import { credentials } from "./situation.ts";
import { bucket } from "./subject.ts";

const closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(script: Script): Promise<ScriptedServer> {
  const server = await ScriptedServer.start(script);
  closing.push(() => server.close());
  return server;
}

function clientOf(endpoint: string, options: Partial<S3ClientOptions> = {}): S3Client {
  const client = new S3Client({ endpoint, credentials, ...options });
  closing.push(() => client.close());
  return client;
}

async function read(client: S3Client, signal?: AbortSignal): Promise<string> {
  const object = await getObject(client, { bucket, key: "object", signal });
  return object.body.text();
}

async function failureOf(call: Promise<unknown>): Promise<S3Error> {
  const error: unknown = await call.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (error instanceof S3Error) return error;
  throw new TypeError(`no S3Error but ${String(error)}`);
}

/** Whether a request was signed within five minutes of a time. */
function isWithin(amzDate: string | undefined, now: number): boolean {
  const signed = parseAmzDate(amzDate ?? "") ?? 0;
  return Math.abs(now - signed) < 300_000;
}

const object = answer({ headers: { ETag: '"e"' }, body: "the object" });

function collectGarbage(): void {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
}

function heldBytes(): number {
  collectGarbage();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

test("an error with a body of 200 MB keeps under 1 MB, costs under 50 ms of CPU, and ends its connection", async () => {
  const server = await serve(({ target }) =>
    vastAnswer({ status: 500 }, target.endsWith("warm") ? 1_000_000 : 200_000_000),
  );
  const client = clientOf(server.endpoint, { attemptsMax: 1 });
  for (let i = 0; i < 20; i++) await failureOf(getObject(client, { bucket, key: "warm" }));
  const before = heldBytes();
  const cpuBefore = process.cpuUsage();
  const error = await failureOf(getObject(client, { bucket, key: "vast" }));
  const { user, system } = process.cpuUsage(cpuBefore);
  const kept = heldBytes() - before;
  const cpuMs = (user + system) / 1000;
  // Of the server and the client together, which share the process.
  console.log(`200 MB error body: ${kept} bytes kept, ${cpuMs.toFixed(1)} ms of CPU`);
  expect(error.errorCode).toBe("InternalError");
  expect(kept).toBeLessThan(1_000_000);
  expect(cpuMs).toBeLessThan(50);
  await expect.poll(() => server.connections.at(-1)?.closed).toBe(true);
  expect(server.connections.at(-1)?.bytesSent).toBeLessThan(16_000_000);
});

test.each([
  ["answers each with 500", () => answer({ status: 500 })],
  ["resets each", () => silence({ does: "reset" })],
])("300 calls at once into an endpoint that %s send at most 335 requests", async (_, reply) => {
  const server = await serve(reply);
  const client = clientOf(server.endpoint);
  const errors = await Promise.all(Array.from({ length: 300 }, () => failureOf(read(client))));
  console.log(`300 calls: ${server.requests.length} requests`);
  expect(server.requests.length).toBeGreaterThan(300);
  expect(server.requests.length).toBeLessThanOrEqual(335);
  expect(errors.every(({ retryable }) => retryable)).toBe(true);
});

test("300 calls at once to a port where nobody listens try at most 335 times", async () => {
  // A port that was let go of may be another test's by now.
  const client = clientOf("http://127.0.0.1:1");
  const errors = await Promise.all(Array.from({ length: 300 }, () => failureOf(read(client))));
  const tries = errors.reduce((sum, { attempts }) => sum + attempts, 0);
  expect(tries).toBeGreaterThan(300);
  expect(tries).toBeLessThanOrEqual(335);
  expect(new Set(errors.map(({ errorCode, phase }) => `${errorCode} ${phase}`))).toEqual(
    new Set(["ECONNREFUSED connect"]),
  );
});

test("50 calls at once under a clock that is an hour off all succeed, with two requests each at most", async () => {
  const server = await serve(({ headers }) => {
    const now = Date.now() + 3_600_000;
    const date = new Date(now).toUTCString();
    return isWithin(headers.get("x-amz-date"), now)
      ? answer({ headers: { Date: date, ETag: '"e"' }, body: "the object" })
      : refusal(403, "RequestTimeTooSkewed", { headers: { Date: date } });
  });
  const client = clientOf(server.endpoint);
  const texts = await Promise.all(Array.from({ length: 50 }, () => read(client)));
  expect(new Set(texts)).toEqual(new Set(["the object"]));
  expect(server.requests.length).toBeLessThanOrEqual(100);
  const before = server.requests.length;
  await read(client);
  expect(server.requests.length).toBe(before + 1);
});

test("50 calls at once to a bucket in another region all succeed, and later ones go there at once", async () => {
  const server = await serve(({ headers }) =>
    headers.get("authorization")?.includes("/eu-west-1/s3/") === true
      ? object
      : refusal(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": "eu-west-1" } }),
  );
  const client = clientOf(server.endpoint);
  const texts = await Promise.all(Array.from({ length: 50 }, () => read(client)));
  expect(new Set(texts)).toEqual(new Set(["the object"]));
  expect(server.requests.length).toBeLessThanOrEqual(100);
  const before = server.requests.length;
  await read(client);
  expect(server.requests.length).toBe(before + 1);
});

test("under a corrected clock a refusal is not sent again for the clock's sake", async () => {
  const date = (): string => new Date(Date.now() + 3_600_000).toUTCString();
  const server = await serve(({ headers, index }) => {
    const isSkewed = !isWithin(headers.get("x-amz-date"), Date.now() + 3_600_000);
    const code = isSkewed ? "RequestTimeTooSkewed" : "AccessDenied";
    expect(isSkewed).toBe(index === 0);
    return refusal(403, code, { headers: { Date: date() } });
  });
  const client = clientOf(server.endpoint);
  expect(await failureOf(read(client))).toMatchObject({ errorCode: "AccessDenied", attempts: 2 });
  expect(await failureOf(read(client))).toMatchObject({ errorCode: "AccessDenied", attempts: 1 });
});

test("50 calls at once with an expired token share one refresh, and all succeed", async () => {
  const server = await serve(({ headers }) =>
    headers.get("x-amz-security-token") === "renewed" ? object : refusal(400, "ExpiredToken"),
  );
  let asked = 0;
  const client = clientOf(server.endpoint, {
    credentials: async () => {
      asked += 1;
      return asked === 1 ? credentials : { ...credentials, sessionToken: "renewed" };
    },
  });
  const texts = await Promise.all(Array.from({ length: 50 }, () => read(client)));
  expect(new Set(texts)).toEqual(new Set(["the object"]));
  expect(asked).toBe(2);
  expect(server.requests.length).toBeLessThanOrEqual(100);
});

test("bodies left unread do not hold up others in silence: who waits for a connection is told so", async () => {
  const server = await serve(() => vastAnswer({ headers: { ETag: '"e"' } }, 50_000_000));
  const client = clientOf(server.endpoint, {
    connectionsMax: 2,
    attemptsMax: 1,
    timeouts: { connectMs: 2_000 },
  });
  const [one, other] = await Promise.all([
    getObject(client, { bucket, key: "one" }),
    getObject(client, { bucket, key: "other" }),
  ]);
  const error = await failureOf(getObject(client, { bucket, key: "third" }));
  expect(error).toMatchObject({
    name: "S3TimeoutError",
    errorCode: "PoolTimeout",
    phase: "connect",
  });
  expect(server.requests.length).toBe(2);
  await one.body.dispose();
  const third = await getObject(client, { bucket, key: "third" });
  await third.body.dispose();
  await other.body.dispose();
});

test("an answer that cannot be read as an object does not keep its connection", async () => {
  const server = await serve(({ index }) =>
    index === 0 ? vastAnswer({ headers: { "Content-Type": "text/html" } }, 50_000_000) : object,
  );
  const client = clientOf(server.endpoint, {
    connectionsMax: 1,
    attemptsMax: 1,
    timeouts: { connectMs: 10_000 },
  });
  const error = await failureOf(read(client));
  expect(error).toMatchObject({ errorCode: "MalformedResponse", statusCode: 200 });
  await expect(read(client)).resolves.toBe("the object");
});

test("a deadline ends what waits for an answer, and is told as one", async () => {
  const server = await serve(() => silence({ does: "stall" }));
  const client = clientOf(server.endpoint, { timeouts: { totalMs: 2_000 } });
  const error = await failureOf(read(client));
  expect(error).toMatchObject({
    name: "S3TimeoutError",
    errorCode: "DeadlineExceeded",
    attempts: 1,
    phase: "headers",
  });
  expect(server.requests.length).toBe(1);
});

test("a wait that would pass the deadline is not begun: the failure is told at once", async () => {
  const server = await serve(() => refusal(503, "SlowDown", { headers: { "Retry-After": "5" } }));
  const client = clientOf(server.endpoint, { timeouts: { totalMs: 4_900 } });
  const started = performance.now();
  const error = await failureOf(read(client));
  expect(performance.now() - started).toBeLessThan(4_800);
  expect(error).toMatchObject({ errorCode: "SlowDown", attempts: 1, retryAfter: 5 });
});

test("a server that reads no further is an idle one, told with the phase", async () => {
  const held: Socket[] = [];
  const server = createServer((socket) => held.push(socket.pause())).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => {
    for (const socket of held) socket.destroy();
    server.close();
  });
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const client = clientOf(`http://127.0.0.1:${port}`, {
    attemptsMax: 1,
    timeouts: { idleMs: 300 },
  });
  const body = Buffer.alloc(50_000_000);
  const error = await failureOf(putObject(client, { bucket, key: "object", body }));
  expect(error).toMatchObject({
    name: "S3TimeoutError",
    errorCode: "IdleTimeout",
    phase: "request",
    ambiguous: true,
  });
});

test("50 calls at once may share a signal without a warning of the process", async () => {
  const warnings: Error[] = [];
  const onWarning = (warning: Error): unknown => warnings.push(warning);
  process.on("warning", onWarning);
  const server = await serve(({ index }) =>
    index < 50 ? refusal(503, "ServiceUnavailable") : object,
  );
  const client = clientOf(server.endpoint);
  const { signal } = new AbortController();
  await Promise.allSettled(Array.from({ length: 50 }, () => read(client, signal)));
  await new Promise((resolve) => setImmediate(resolve));
  process.off("warning", onWarning);
  expect(warnings).toEqual([]);
});

test("a signal that many calls share keeps no listener of theirs", async () => {
  const server = await serve(() => object);
  const client = clientOf(server.endpoint);
  const { signal } = new AbortController();
  for (let i = 0; i < 50; i++) await read(client, signal);
  await Promise.all(Array.from({ length: 50 }, () => read(client, signal)));
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("a signal keeps no listener of calls that failed, or were retried, either", async () => {
  const server = await serve(({ index }) =>
    index % 3 === 2 ? silence({ does: "reset" }) : answer({ status: 500 }),
  );
  const client = clientOf(server.endpoint);
  const { signal } = new AbortController();
  for (let i = 0; i < 5; i++) await failureOf(read(client, signal));
  expect(getEventListeners(signal, "abort")).toHaveLength(0);
});

test("an abort while a body waits to be gone on with is told as one, with its reason", async () => {
  const reason = new Error("the user went away");
  const controller = new AbortController();
  const server = await serve(({ index }) => {
    if (index > 0) return refusal(503, "SlowDown", { headers: { "Retry-After": "5" } });
    return brokenAnswer(
      { length: 4000, headers: { ETag: '"e"' }, body: "x".repeat(1000) },
      { does: "reset" },
    );
  });
  const client = clientOf(server.endpoint);
  const failing = failureOf(read(client, controller.signal));
  await expect.poll(() => server.requests.length).toBe(2);
  setTimeout(() => controller.abort(reason), 100);
  const started = performance.now();
  const error = await failing;
  expect(performance.now() - started).toBeLessThan(4_800);
  expect(error).toMatchObject({ name: "S3AbortedError", errorCode: "Aborted", cause: reason });
  expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
});
