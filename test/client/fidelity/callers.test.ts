import { getEventListeners } from "node:events";
import { readdirSync, readlinkSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { inspect } from "node:util";
import { afterEach, expect, test } from "vitest";
import { S3Client, S3Error, type S3ClientOptions, type S3Event } from "@holdfast/client";
import {
  answer,
  errorDocument,
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

async function failureOf(promise: Promise<unknown>): Promise<S3Error> {
  const error = await promise.catch((thrown: unknown) => thrown);
  if (S3Error.is(error)) return error;
  throw new TypeError(`no S3Error but ${inspect(error)}`);
}

async function temporaryFile(content: string): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-callers-"));
  closing.push(() => rm(directory, { recursive: true }));
  const file = join(directory, "body");
  await writeFile(file, content);
  return file;
}

/** How many descriptors this process has of a file; undefined where the system does not tell. */
function openDescriptors(file: string): number | undefined {
  if (process.platform !== "linux") return undefined;
  const links = readdirSync("/proc/self/fd").map((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`);
    } catch {
      return undefined;
    }
  });
  return links.filter((link) => link === file).length;
}

const key = "object";
const object = { bucket, key };
const whole = answer({ headers: { ETag: '"e"' }, body: "right" });

/** A client whose one connection is taken for as long as `over` is not called, and what waits for it. */
async function busy(): Promise<{ client: S3Client; over: () => Promise<void> }> {
  const vast = vastAnswer({ headers: { ETag: '"e"' } }, 50_000_000);
  const { client } = await connect(({ index }) => (index === 0 ? vast : whole), {
    connectionsMax: 1,
    attemptsMax: 1,
  });
  const { body } = await client.getObject(object);
  return { client, over: () => body.dispose() };
}

test("a file that is gone before a connection is there is the caller's, and the process lives", async () => {
  const { client, over } = await busy();
  const file = await temporaryFile("hello");
  const putting = failureOf(client.putObject({ ...object, body: { file } }));
  await sleep(20);
  await rm(file);
  await sleep(20);
  await over();
  expect(await putting).toMatchObject({
    errorCode: "BodySourceFailed",
    ambiguous: false,
    cause: { code: "ENOENT" },
  });
});

test("a stream that fails before a connection is there is the caller's, and the process lives", async () => {
  const { client, over } = await busy();
  const body = new Readable({ read() {} });
  const putting = failureOf(client.putObject({ ...object, body, contentLength: 5 }));
  await sleep(20);
  const cause = new Error("mine");
  body.destroy(cause);
  await sleep(20);
  await over();
  expect(await putting).toMatchObject({ errorCode: "BodySourceFailed", cause });
});

test("a request that is never sent leaves no file open and no stream behind", async () => {
  const { server, client } = await connect(() => whole);
  await server.close();
  closing.shift();
  const file = await temporaryFile("hello");
  const stream = new Readable({ read() {} });
  let cancelled: unknown;
  const web = new ReadableStream<Uint8Array>({
    cancel(reason) {
      cancelled = reason ?? "cancelled";
    },
  });
  await failureOf(client.putObject({ ...object, body: { file } }));
  await failureOf(client.putObject({ ...object, body: stream, contentLength: 5 }));
  await failureOf(client.putObject({ ...object, body: web, contentLength: 5 }));
  expect(openDescriptors(file) ?? 0).toBe(0);
  expect(stream.destroyed).toBe(true);
  expect(cancelled).toBe("cancelled");
});

test("a source that is waited for ends with the request that waits", async () => {
  const { client } = await connect(() => whole);
  const ended: string[] = [];
  let awaited = 0;
  const waits = (): void => {
    awaited += 1;
  };
  const stream = (): Readable =>
    new Readable({
      read: waits,
      destroy(error, done) {
        ended.push("stream");
        done(error);
      },
    });
  const bodies = {
    stream: stream(),
    made: () => stream(),
    web: new ReadableStream<Uint8Array>(
      {
        pull: waits,
        cancel() {
          ended.push("web");
        },
      },
      { highWaterMark: 0 },
    ),
  };
  for (const [index, body] of Object.values(bodies).entries()) {
    const controller = new AbortController();
    const { signal } = controller;
    const call = failureOf(client.putObject({ ...object, body, contentLength: 5, signal }));
    await expect.poll(() => awaited).toBe(index + 1);
    const reason = new Error("enough");
    controller.abort(reason);
    expect(await call).toMatchObject({ errorCode: "Aborted", cause: reason });
    await expect.poll(() => getEventListeners(signal, "abort")).toEqual([]);
  }
  await expect.poll(() => ended).toEqual(["stream", "stream", "web"]);
});

test("a web stream that somebody else reads is the caller's mistake, and the process lives", async () => {
  const { client } = await connect(() => whole);
  const body = new ReadableStream<Uint8Array>();
  body.getReader();
  const error = await failureOf(client.putObject({ ...object, body, contentLength: 5 }));
  expect(error).toMatchObject({ errorCode: "BodySourceFailed", ambiguous: false });
});

test("a source that gave all and then failed was not stored", async () => {
  const { client } = await connect(() => silence({ does: "stall" }));
  async function* failing(): AsyncGenerator<Uint8Array> {
    yield Buffer.from("hello");
    throw new Error("late");
  }
  const error = await failureOf(client.putObject({ ...object, body: failing(), contentLength: 5 }));
  expect(error).toMatchObject({ errorCode: "BodySourceFailed", ambiguous: false });
});

test.each([
  ["a line end in a header", { method: "GET", headers: { "x-a": "a\nb" } }],
  ["a header's name that is none", { method: "GET", headers: { "x a": "b" } }],
  ["a character that no header has", { method: "GET", headers: { "x-a": "\u{1f600}" } }],
  ["a method that is none", { method: "GE T" }],
])("a request with %s is refused before it is sent", async (_, request) => {
  for (const signer of [credentials, "anonymous"] as const) {
    const { server, client } = await connect(() => whole, { credentials: signer });
    const error = await failureOf(client.request({ ...object, ...request }));
    expect(error).toMatchObject({ name: "S3InvalidRequestError", errorCode: "InvalidRequest" });
    expect(server.requests).toHaveLength(0);
  }
});

test("credentials that cannot be had anew end a call with its tries, told as an event", async () => {
  const events: S3Event[] = [];
  let asked = 0;
  const { client } = await connect(
    () => answer({ status: 400, body: errorDocument("ExpiredToken") }),
    {
      credentials: () => {
        asked += 1;
        return asked === 1 ? Promise.resolve(credentials) : Promise.reject(new Error("no more"));
      },
      onEvent: (event) => events.push(event),
    },
  );
  const error = await failureOf(client.request({ method: "GET", ...object }));
  expect(error).toMatchObject({ errorCode: "CredentialsUnavailable", attempts: 1, key });
  expect(error.history).toMatchObject([{ errorCode: "ExpiredToken", statusCode: 400 }]);
  expect(events.at(-1)).toMatchObject({ type: "error", error });
});

test("a limit that no timer can count is refused, and not taken for a millisecond", () => {
  for (const name of ["connectMs", "headersMs", "idleMs", "totalMs"]) {
    expect(() => new S3Client({ credentials, timeouts: { [name]: 2 ** 31 } })).toThrow(
      expect.objectContaining({ errorCode: "InvalidConfiguration" }),
    );
  }
});

test("closing a client ends its waits for another try", async () => {
  const { server, client } = await connect(() =>
    answer({ status: 503, headers: { "Retry-After": "30" }, body: errorDocument("SlowDown") }),
  );
  const { signal } = new AbortController();
  const call = failureOf(client.getObject({ ...object, signal }));
  await expect.poll(() => server.requests.length).toBe(1);
  await sleep(50);
  client.close();
  expect(await call).toMatchObject({ errorCode: "Aborted", attempts: 1 });
  expect(getEventListeners(signal, "abort")).toEqual([]);
  expect(await failureOf(client.getObject(object))).toMatchObject({ errorCode: "Aborted" });
});

const sseKey = Buffer.from("0123456789abcdef0123456789abcdef");

test("what a server repeats of a customer's key or a malformed answer holds is in no error", async () => {
  const secret = sseKey.toString("base64");
  const { client } = await connect(() =>
    answer({ status: 400, body: errorDocument("InvalidArgument", { Detail: `bad ${secret}` }) }),
  );
  const refused = await failureOf(client.getObject({ ...object, sseCustomerKey: sseKey }));
  expect(inspect(refused, { depth: 9, showHidden: true })).not.toContain(secret);

  const { client: other } = await connect(() => ({
    after: "body",
    steps: [{ does: "send", bytes: `HTTP/1.1 200 OK\r\nX\u0000: ${secret}\r\n\r\n` }],
  }));
  const malformed = await failureOf(other.headObject(object));
  expect(malformed.cause).toBeInstanceOf(Error);
  expect(malformed.cause).not.toHaveProperty("rawPacket");
});

test("what a server puts into the id of an answer that cannot be read is redacted", async () => {
  const { secretAccessKey } = credentials;
  const { client } = await connect(() =>
    answer({ headers: { "x-amz-request-id": `id ${secretAccessKey}` } }),
  );
  const error = await failureOf(client.headObject(object));
  expect(error.requestId).toBe("id [redacted]");
  expect(JSON.stringify(error)).not.toContain(secretAccessKey);
});

test("a deadline's cause is the last try's public error", async () => {
  const { client } = await connect(() => silence({ does: "stall" }), {
    timeouts: { headersMs: 50, totalMs: 120 },
    attemptsMax: 50,
  });
  const error = await failureOf(client.headObject(object));
  const { cause } = error;
  if (cause !== undefined) expect(S3Error.is(cause)).toBe(true);
  expect(["DeadlineExceeded", "HeadersTimeout"]).toContain(error.errorCode);
});
