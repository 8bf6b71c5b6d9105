import { once } from "node:events";
import { createServer, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { setImmediate as turn } from "node:timers/promises";
import { expect, test } from "vitest";
import type { ReplyStream } from "../context.ts";
import { respond } from "./respond.ts";

const pieceBytes = 1024 * 1024;
const pieces = 24;

/** Piece `n` holds the byte `n`; all are the same memory, spoiled before it is filled again. */
function recycled(onClose: () => void): ReplyStream {
  const memory = Buffer.alloc(pieceBytes);
  return {
    length: pieces * pieceBytes,
    async *read() {
      for (let piece = 0; piece < pieces; piece += 1) {
        memory.fill(piece);
        yield memory;
        memory.fill(0xff);
      }
    },
    async close() {
      memory.fill(0xff);
      onClose();
    },
  };
}

type Answering = (response: ServerResponse, stream: ReplyStream) => Promise<unknown>;

/** How many bytes a client that takes its time gets, and how many of them are wrong. */
async function readSlowly(port: number): Promise<{ bytes: number; wrong: number }> {
  const socket = connect(port, "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
  let bytes = 0;
  let wrong = 0;
  let head: number | undefined;
  for await (const chunk of socket) {
    const start = head === undefined ? chunk.indexOf("\r\n\r\n") + 4 : 0;
    head ??= start;
    for (let at = start; at < chunk.length; at += 1) {
      if (chunk[at] !== Math.floor(bytes / pieceBytes)) wrong += 1;
      bytes += 1;
    }
    for (let idle = 0; idle < 4; idle += 1) await turn();
  }
  return { bytes, wrong };
}

async function listen(server: Server): Promise<number> {
  await once(server.listen(0, "127.0.0.1"), "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("no port");
  return address.port;
}

async function serve(
  answering: Answering,
  clients: number,
): Promise<Awaited<ReturnType<typeof readSlowly>>[]> {
  const server = createServer((_request, response) => {
    void answering(
      response,
      recycled(() => {}),
    );
  });
  const port = await listen(server);
  try {
    const all = Array.from({ length: clients }, () => readSlowly(port));
    return await Promise.all(all);
  } finally {
    server.close();
  }
}

const withoutWaiting: Answering = async (response, stream) => {
  response.writeHead(200, { "content-length": String(stream.length) });
  for await (const bytes of stream.read()) response.write(bytes);
  response.end();
};

test("clients that read slowly, several at once, get the bytes that were yielded", async () => {
  const got = await serve(
    (response, body) => respond(response, { status: 200, headers: [], body }),
    3,
  );
  expect(got).toEqual(Array.from({ length: 3 }, () => ({ bytes: pieces * pieceBytes, wrong: 0 })));
});

test("a server that asks for the next piece before the last is out is caught by such a client", async () => {
  const [got] = await serve(withoutWaiting, 1);
  expect(got?.wrong).toBeGreaterThan(0);
});

test("a client that leaves in the middle ends the stream, and the answer says so", async () => {
  let closed = 0;
  const sent: Promise<unknown>[] = [];
  const server = createServer((_request, response) => {
    sent.push(respond(response, { status: 200, headers: [], body: recycled(() => (closed += 1)) }));
  });
  const socket = connect(await listen(server), "127.0.0.1");
  socket.write("GET / HTTP/1.1\r\nhost: x\r\n\r\n");
  await once(socket, "data");
  socket.destroy();
  expect(await Promise.all(sent)).toMatchObject([{ aborted: true }]);
  expect(closed).toBe(1);
  server.close();
});

test("an answer that was read to its end is not told as aborted", async () => {
  const sent: Promise<unknown>[] = [];
  const got = await serve(async (response, body) => {
    sent.push(respond(response, { status: 200, headers: [], body }));
  }, 1);
  expect(got).toEqual([{ bytes: pieces * pieceBytes, wrong: 0 }]);
  expect(await Promise.all(sent)).toEqual([{ bytesOut: pieces * pieceBytes, aborted: false }]);
});

test.each([
  ["HEAD", undefined],
  ["GET", "0"],
])(
  "the answer to a %s without a body states the length %s while what the client sends is dropped",
  async (method, length) => {
    const server = createServer((_request, response) => {
      void respond(
        response,
        { status: 404, headers: ["x-a", "b"], body: undefined },
        async () => {},
      );
    });
    const socket = connect(await listen(server), "127.0.0.1");
    socket.write(`${method} / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n`);
    let answer = "";
    for await (const bytes of socket) answer += String(bytes);
    server.close();
    expect(/\r\ncontent-length: (\d+)\r\n/i.exec(answer)?.[1]).toBe(length);
    expect(answer).not.toMatch(/transfer-encoding/i);
    expect(answer).toMatch(/\r\n\r\n$/);
  },
);
