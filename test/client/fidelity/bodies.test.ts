import { once } from "node:events";
import { afterEach, expect, test } from "vitest";
import { type AnswerBody, S3Client, S3Error, getObject } from "@holdfast/client";
import {
  answer,
  brokenAnswer,
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
  connectionsMax = 50,
): Promise<{ server: ScriptedServer; client: S3Client }> {
  const server = await ScriptedServer.start(script);
  const client = new S3Client({ endpoint: server.endpoint, credentials, connectionsMax });
  closing.push(() => server.close());
  closing.push(() => client.close());
  return { server, client };
}

async function bodyOf(client: S3Client, signal?: AbortSignal): Promise<AnswerBody> {
  const { body } = await getObject(client, { bucket, key: "object", signal });
  return body;
}

function caught(promise: Promise<unknown>): Promise<unknown> {
  return promise.then(
    () => undefined,
    (error: unknown) => error,
  );
}

const vast: Script = () => vastAnswer({ headers: { ETag: '"e"' } }, 50_000_000);

const ways: Record<string, (body: AnswerBody) => Promise<unknown>> = {
  "is disposed of unread": (body) => body.dispose(),
  "is iterated over for its first piece": async (body) => {
    for await (const piece of body) return piece;
    return undefined;
  },
  "is a Node stream that is destroyed": async (body) => {
    const stream = body.node();
    await once(stream, "data");
    stream.destroy();
    await once(stream, "close");
  },
  "is a Node stream that is destroyed unread": async (body) => {
    body.node().destroy();
  },
  "is a web stream that is cancelled": async (body) => {
    const reader = body.web().getReader();
    await reader.read();
    await reader.cancel();
  },
  "is a web stream that is cancelled unread": async (body) => {
    await body.web().cancel();
  },
};

test.each(Object.keys(ways))("the transfer ends when a body %s", async (way) => {
  const { server, client } = await connect(vast);
  await ways[way]?.(await bodyOf(client));
  await expect.poll(() => server.connections.map(({ closed }) => closed)).toEqual([true]);
  expect(server.connections[0]?.bytesSent).toBeLessThan(40_000_000);
});

const broken: Script = () =>
  brokenAnswer(
    { length: 4000, headers: { ETag: 'W/"e"' }, body: "x".repeat(1000) },
    { does: "fin" },
  );

const readings: Record<string, (body: AnswerBody) => Promise<unknown>> = {
  bytes: (body) => body.bytes(),
  text: (body) => body.text(),
  json: (body) => body.json(),
  iteration: async (body) => {
    for await (const piece of body) expect(piece.byteLength).toBeGreaterThan(0);
  },
  "a Node stream": async (body) => {
    for await (const piece of body.node()) expect(piece).toBeInstanceOf(Uint8Array);
  },
  "a web stream": async (body) => {
    const reader = body.web().getReader();
    while (!(await reader.read()).done);
  },
};

test.each(Object.keys(readings))(
  "a short body is told as the same error by %s",
  async (reading) => {
    const { client } = await connect(broken);
    const error = await caught(Promise.resolve(readings[reading]?.(await bodyOf(client))));
    expect(error).toBeInstanceOf(S3Error);
    expect(error).toMatchObject({
      name: "S3TransportError",
      errorCode: "TruncatedBody",
      key: "object",
    });
  },
);

test("an abort after the head ends a body that nobody has begun to read", async () => {
  const { server, client } = await connect(vast);
  const controller = new AbortController();
  const reason = new Error("enough");
  const body = await bodyOf(client, controller.signal);
  controller.abort(reason);
  expect(await caught(body.text())).toMatchObject({ name: "S3AbortedError", cause: reason });
  await expect.poll(() => server.connections.map(({ closed }) => closed)).toEqual([true]);
});

test("an abort before a body is read ends it, also one that has come whole", async () => {
  const { client } = await connect(() => answer({ headers: { ETag: '"e"' }, body: "right" }));
  const reason = new Error("enough");
  for (const read of [readings["text"], readings["iteration"]]) {
    const controller = new AbortController();
    const body = await bodyOf(client, controller.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    controller.abort(reason);
    const reading = Promise.resolve(read?.(body));
    expect(await caught(reading)).toMatchObject({ name: "S3AbortedError", cause: reason });
  }
});

test("a body that is disposed of while it is read is not fetched again", async () => {
  const { server, client } = await connect(() =>
    brokenAnswer(
      { length: 4000, headers: { ETag: '"e"' }, body: "x".repeat(1000) },
      { does: "stall" },
    ),
  );
  const body = await bodyOf(client);
  const reading = caught(body.text());
  await body.dispose();
  expect(await reading).toMatchObject({ name: "S3AbortedError", errorCode: "Aborted" });
  expect(server.requests.length).toBe(1);
});

test("a Node stream that is destroyed while it waits for bytes fetches none again", async () => {
  const { server, client } = await connect(() =>
    brokenAnswer(
      { length: 4000, headers: { ETag: '"e"' }, body: "x".repeat(1000) },
      { does: "stall" },
    ),
  );
  const stream = (await bodyOf(client)).node();
  await once(stream, "data");
  stream.destroy();
  await expect.poll(() => server.connections.map(({ closed }) => closed)).toEqual([true]);
  expect(server.requests.length).toBe(1);
});

test("closing a client ends what is under way, and nothing more is sent", async () => {
  const { server, client } = await connect(() => silence({ does: "stall" }));
  const failing = caught(bodyOf(client));
  await expect.poll(() => server.requests.length).toBe(1);
  const started = performance.now();
  client.close();
  expect(await failing).toMatchObject({
    name: "S3AbortedError",
    errorCode: "Aborted",
    attempts: 1,
  });
  expect(performance.now() - started).toBeLessThan(10_000);
  expect(server.requests.length).toBe(1);
});

test("closing a client ends those too that wait for a connection", async () => {
  const { server, client } = await connect(() => silence({ does: "stall" }), 1);
  const failing = Array.from({ length: 5 }, () => caught(bodyOf(client)));
  await expect.poll(() => server.requests.length).toBe(1);
  client.close();
  const errors = await Promise.all(failing);
  expect(errors).toEqual(errors.map(() => expect.objectContaining({ errorCode: "Aborted" })));
  expect(server.requests.length).toBe(1);
});

test("a closed client refuses", async () => {
  const { server, client } = await connect(() => answer({ headers: { ETag: '"e"' } }));
  client.close();
  expect(await caught(bodyOf(client))).toMatchObject({ name: "S3AbortedError" });
  expect(server.requests.length).toBe(0);
});

test("an object of which nothing says where it ends is whole only where its checksum says so", async () => {
  const headers = { ETag: '"e"' };
  const proven = { ...headers, "x-amz-checksum-crc32": "NhCmhg==" };
  let count = 0;
  const { client } = await connect(() => {
    count += 1;
    return answer({ headers: count === 1 ? headers : proven, body: "hello", framing: "close" });
  });
  const error = await caught(bodyOf(client).then((body) => body.text()));
  expect(S3Error.is(error) && error.errorCode).toBe("TruncatedBody");
  expect(await (await bodyOf(client)).text()).toBe("hello");
});
