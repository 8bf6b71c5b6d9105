import type { Socket } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { afterEach, expect, test } from "vitest";
import { collect } from "../bodies/collect.ts";
import { WireFailure, type WireFailureFields } from "../errors/wire-failure.ts";
import { RawServer } from "./raw-server.test.support.ts";
import type { TransportRequest } from "./transport.ts";
import { WireTransport } from "./wire-transport.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

/** None of these passes where a server does something at all. */
const timeouts = { connectMs: 20_000, headersMs: 20_000, idleMs: 20_000 };

async function serve(onHead: (socket: Socket) => void): Promise<{
  server: RawServer;
  failure: (parts?: Partial<TransportRequest>) => Promise<WireFailureFields>;
}> {
  const server = await RawServer.start({ onHead });
  const transport = new WireTransport({ connectionsMax: 2 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const failure = async (parts: Partial<TransportRequest> = {}): Promise<WireFailureFields> => {
    try {
      const { body } = await transport.send(server.request("/", { timeouts, ...parts }));
      const { error } = await collect(body, 2 ** 30);
      throw error ?? new Error("it came whole");
    } catch (error) {
      if (error instanceof WireFailure) return error.fields;
      throw error;
    }
  };
  return { server, failure };
}

/** Writes as fast as it is read, until nobody reads any more. */
function pour(socket: Socket, text: string): void {
  const bytes = Buffer.from(text.repeat(Math.ceil(65_536 / text.length)), "latin1");
  const more = (): void => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", more);
  more();
}

function heldBytes(): number {
  setFlagsFromString("--expose-gc");
  runInNewContext("gc")();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

const ok = "HTTP/1.1 200 OK\r\n";
const hint = "HTTP/1.1 103 Early Hints\r\n\r\n";
const tenBytes = `${ok}Content-Length: 10\r\n\r\n`;
const chunked = `${ok}Transfer-Encoding: chunked\r\n\r\n`;

const aChunk = `${chunked}5\r\nbegun\r\n`;

test.each([
  ["fields without end", "HTTP/1.1 200 OK\r\n", "X-Field: and more\r\n"],
  ["a field without end", "HTTP/1.1 200 OK\r\nX: ", "x"],
  ["informational answers without end", "", hint],
  ["a chunk's line without end", `${chunked}1;a=`, "b"],
  ["a trailer without end", `${chunked}0\r\n`, "X: y\r\n"],
])("%s are a malformed answer, and cost next to no memory", async (_, first, endless) => {
  const { server, failure } = await serve((socket) => {
    socket.write(first);
    pour(socket, endless);
  });
  await failure();
  const before = heldBytes();
  expect(await failure()).toMatchObject({ code: "MalformedResponse" });
  await expect.poll(() => server.sockets.size).toBe(0);
  expect(heldBytes() - before).toBeLessThan(2_000_000);
});

test("chunks of a byte without end, which nobody fetches, wait at the other side", async () => {
  const { server } = await serve((socket) => {
    socket.write(chunked);
    pour(socket, "1\r\na\r\n");
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => transport.close());
  const before = heldBytes();
  const { body } = await transport.send(server.request("/"));
  const count = (): number => [...server.sockets][0]?.bytesWritten ?? 0;
  let seen = -1;
  await expect
    .poll(
      () => {
        const isSame = seen === count();
        seen = count();
        return isSame;
      },
      { interval: 100 },
    )
    .toBe(true);
  // The server's own buffers are in this process too.
  expect(heldBytes() - before).toBeLessThan(4_000_000);
  body.destroy();
  await expect.poll(() => server.sockets.size).toBe(0);
});

const silent = [
  { begun: "a chunk of petabytes", bytes: `${chunked}fffffffffffff\r\nbegun`, phase: "body" },
  {
    begun: "a length of petabytes",
    bytes: `${tenBytes.replace("10", "9".repeat(15))}x`,
    phase: "body",
  },
  { begun: "half a head", bytes: `${ok}X: y`, phase: "headers" },
  { begun: "nothing", bytes: "", phase: "headers" },
];

test.each(silent)("$begun and then silence is a timeout", async ({ bytes, phase }) => {
  const { failure } = await serve((socket) => void socket.write(bytes));
  const [code, limit] =
    phase === "body" ? ["IdleTimeout", { idleMs: 400 }] : ["HeadersTimeout", { headersMs: 400 }];
  const limited = { timeouts: { ...timeouts, ...limit } };
  expect(await failure(limited)).toMatchObject({ code, phase });
});

const stages = [
  { stage: "before an answer", bytes: "", code: "ECONNRESET", phase: "headers" },
  { stage: "within its head", bytes: `${ok}X: y`, code: "ECONNRESET", phase: "headers" },
  { stage: "after an informational one", bytes: hint, code: "ECONNRESET", phase: "headers" },
  { stage: "within its body", bytes: `${tenBytes}begun`, code: "TruncatedBody", phase: "body" },
  { stage: "within a chunk", bytes: `${chunked}a\r\nbegun`, code: "TruncatedBody", phase: "body" },
  { stage: "within a size", bytes: `${aChunk}5`, code: "TruncatedBody", phase: "body" },
  {
    stage: "within a trailer",
    bytes: `${aChunk}0\r\nX: y\r\n`,
    code: "TruncatedBody",
    phase: "body",
  },
];

test.each(stages)(
  "an end $stage is told as what it is, and closes the other half too",
  async ({ bytes, code, phase }) => {
    const { server, failure } = await serve((socket) => void socket.end(bytes));
    expect(await failure()).toMatchObject({ code, phase });
    await expect.poll(() => server.sockets.size).toBe(0);
  },
);

test.each(stages)("a reset $stage is told as one", async ({ bytes, phase }) => {
  const { failure } = await serve((socket) => {
    socket.write(bytes);
    // Together with the bytes before it, it would look like a plain end.
    setTimeout(() => socket.resetAndDestroy(), 100);
  });
  expect(await failure()).toMatchObject({ code: "ECONNRESET", phase });
});

test("a reset while a request is sent is one of its sending", async () => {
  const server = await RawServer.start({
    onConnection: (socket) => {
      socket.pause();
      setTimeout(() => socket.resetAndDestroy(), 50);
    },
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const request = server.request("/", { method: "PUT", body: Buffer.alloc(200_000_000) });
  const error: unknown = await transport.send(request).catch((thrown: unknown) => thrown);
  const fields = error instanceof WireFailure ? error.fields : undefined;
  expect(fields?.phase).toBe("request");
  expect(["ECONNRESET", "EPIPE"]).toContain(fields?.code);
});

test("a connection that dies as it is used again says that it was a kept one", async () => {
  let count = 0;
  const { failure } = await serve((socket) => {
    count += 1;
    if (count === 1) socket.write(`${ok}Content-Length: 0\r\n\r\n`);
    else socket.resetAndDestroy();
  });
  expect((await failure().catch((error: Error) => error)) instanceof Error).toBe(true);
  expect(await failure()).toMatchObject({ code: "ECONNRESET", reused: true });
  expect(await failure()).toMatchObject({ code: "ECONNRESET", reused: false });
});

test("an answer before the whole request was sent is read, and its connection not used again", async () => {
  const server = await RawServer.start({
    onData(socket) {
      if (socket.bytesWritten === 0)
        socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 2\r\n\r\nno");
      socket.pause();
    },
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  let isEnded = false;
  async function* source(): AsyncGenerator<Uint8Array> {
    try {
      for (;;) yield Buffer.alloc(65_536);
    } finally {
      isEnded = true;
    }
  }
  for (const body of [Buffer.alloc(50_000_000), source()]) {
    const request = server.request("/", {
      method: "PUT",
      headers: { host: "raw", "content-length": "50000000" },
      body,
    });
    const response = await transport.send(request);
    expect(response.status).toBe(403);
    expect((await collect(response.body, 100)).bytes.toString()).toBe("no");
    // Only who reads learns that the other side has gone.
    for (const socket of server.sockets) socket.removeAllListeners("data").resume();
    await expect.poll(() => server.sockets.size).toBe(0);
  }
  expect(isEnded).toBe(true);
  expect(server.accepted).toBe(2);
});

test("a success before the whole request was sent is none", async () => {
  const server = await RawServer.start({
    onData(socket) {
      if (socket.bytesWritten === 0) socket.write(`${ok}Content-Length: 0\r\n\r\n`);
      socket.pause();
    },
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  async function* source(): AsyncGenerator<Uint8Array> {
    for (let count = 0; count < 50; count += 1) yield Buffer.alloc(1_000_000);
  }
  const headers = { host: "raw", "content-length": "50000000" };
  const request = server.request("/", { method: "PUT", headers, body: source(), timeouts });
  const error: unknown = await transport.send(request).catch((thrown: unknown) => thrown);
  expect(error instanceof WireFailure && error.fields).toMatchObject({
    code: "MalformedResponse",
    phase: "request",
  });
});

test("an early answer is read to its end, whatever becomes of the source meanwhile", async () => {
  const server = await RawServer.start({
    onData(socket) {
      if (socket.bytesWritten > 0) return;
      socket.write("HTTP/1.1 403 Forbidden\r\nContent-Length: 10\r\n\r\nhello");
    },
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  let fail = (_error: Error): void => undefined;
  const failing = new Promise<never>((_, reject) => {
    fail = reject;
  });
  async function* source(): AsyncGenerator<Uint8Array> {
    yield Buffer.alloc(1);
    await failing;
  }
  const { body } = await transport.send(
    server.request("/", { method: "PUT", headers: { "content-length": "9" }, body: source() }),
  );
  fail(new Error("the source failed"));
  await turn();
  for (const socket of server.sockets) socket.write("world");
  const { bytes, error } = await collect(body, 100);
  expect([bytes.toString(), error]).toEqual(["helloworld", undefined]);
});
