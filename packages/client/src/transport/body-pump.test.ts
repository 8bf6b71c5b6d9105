import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer, type Server, type Socket } from "node:net";
import { expect, test, vi } from "vitest";
import { BodyPump } from "./body-pump.ts";

async function connected(server: Server): Promise<Socket> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  const socket = connect({ port, host: "127.0.0.1" });
  await once(socket, "connect");
  return socket;
}

test.each([
  [1_000, "alone"],
  [8_192, "alone"],
  [65_536, "alone"],
  [1_000, "together"],
  [65_536, "together"],
] as const)(
  "a source that uses its memory of %d bytes again for the next pieces, given %s, is sent as it was",
  async (size, manner) => {
    const received = createHash("sha256");
    const server = createServer((socket) => {
      socket.on("data", (bytes) => {
        received.update(bytes);
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
    });
    const socket = await connected(server);
    const count = Math.ceil(8_000_000 / size);
    const given = createHash("sha256");
    async function* source(): AsyncGenerator<Uint8Array | readonly Uint8Array[]> {
      const memory = Buffer.alloc(size);
      for (let at = 0; at < count; at += 1) {
        memory.fill(at & 0xff);
        given.update(memory);
        const middle = at % size;
        yield manner === "alone" ? memory : [memory.subarray(0, middle), memory.subarray(middle)];
      }
    }
    expect(await new BodyPump(socket, source(), count * size).run()).toBe("done");
    socket.end();
    await once(socket, "close");
    server.close();
    expect(received.digest("hex")).toBe(given.digest("hex"));
  },
);

test("pieces that are given together leave in one write, and are counted as what they are", async () => {
  const server = createServer((socket) => void socket.resume());
  const socket = await connected(server);
  const together = vi.spyOn(socket, "_writev");
  async function* source(): AsyncGenerator<readonly Uint8Array[]> {
    yield [Buffer.from("head"), Buffer.alloc(70_000), Buffer.from("\r\n")];
    yield [];
    yield [Buffer.from("one too many")];
  }
  const pump = new BodyPump(socket, source(), 70_006);
  expect(await pump.run()).toMatchObject({
    cause: new RangeError("the source gave 70018 bytes or more where 70006 were announced"),
    sentWhole: true,
  });
  expect(together.mock.calls.map(([chunks]) => chunks.length)).toEqual([3]);
  socket.destroy();
  server.close();
});
