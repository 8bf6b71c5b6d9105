import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { WireFailure } from "../errors/wire-failure.ts";
import { RawServer } from "./raw-server.test.support.ts";
import { WireTransport } from "./wire-transport.ts";

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

test("a head's fields are told as they came, too: those that stand twice, and in their order", async () => {
  const server = await RawServer.start({
    onHead: (socket) =>
      void socket.write(
        'HTTP/1.1 200 OK\r\nETag: "a"\r\nX-Amz-Meta-A: \xfc \r\netag:"b"\r\nSet-Cookie: c\r\ncontent-length: 0\r\n\r\n',
        "latin1",
      ),
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const { fields } = await transport.send(server.request("/"));
  expect(fields.join("|")).toBe(
    'etag|"a"|x-amz-meta-a|\xfc|etag|"b"|set-cookie|c|content-length|0',
  );
});

const stored = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
const idle = { connectMs: 5_000, headersMs: 5_000, idleMs: 150 };

/** Gives five bytes, and six times the idle time later five more. */
async function* slow(): AsyncGenerator<Buffer> {
  yield Buffer.from("first");
  await sleep(900);
  yield Buffer.from("later");
}

test("a source that is slow is waited for where its request is patient, and nowhere else", async () => {
  const server = await RawServer.start({ onHead: (socket) => void socket.write(stored) });
  const transport = new WireTransport({ connectionsMax: 2 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const headers = { host: "raw", "content-length": "10" };
  const put = (isPatient: boolean): ReturnType<RawServer["request"]> =>
    server.request("/", { method: "PUT", headers, body: slow(), timeouts: idle, isPatient });
  expect((await transport.send(put(true))).status).toBe(200);
  const failure: unknown = await transport.send(put(false)).catch((error: unknown) => error);
  expect(failure instanceof WireFailure && failure.fields).toMatchObject({
    code: "IdleTimeout",
    phase: "request",
  });
});

test("a connection is kept for as long as its last request allows, and not for the idle time", async () => {
  const server = await RawServer.start({ onHead: (socket) => void socket.write(stored) });
  const transport = new WireTransport({ connectionsMax: 2 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const ask = async (keptMs: number): Promise<void> => {
    const { body } = await transport.send(server.request("/", { keptMs }));
    body.discard();
  };
  await ask(60_000);
  await ask(1);
  expect(server.accepted).toBe(1);
  await sleep(50);
  await ask(1);
  expect(server.accepted).toBe(2);
});

/** Does nothing else for so long, as a program that computes does. */
function holdUp(ms: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);
}

test("what came in time is in time, though the process was held up before it could read it", async () => {
  const server = await RawServer.start({
    onHead(socket) {
      socket.write(stored);
      holdUp(400);
    },
  });
  const transport = new WireTransport({ connectionsMax: 1 });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  const timeouts = { connectMs: 5_000, headersMs: 200, idleMs: 5_000 };
  expect((await transport.send(server.request("/", { timeouts }))).status).toBe(200);
});
