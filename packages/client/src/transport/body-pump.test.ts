import { createHash } from "node:crypto";
import { once } from "node:events";
import { connect, createServer } from "node:net";
import { expect, test } from "vitest";
import { BodyPump } from "./body-pump.ts";

test.each([1_000, 8_192, 65_536])(
  "a source that uses its memory of %d bytes again for the next piece is sent as it was",
  async (size) => {
    const received = createHash("sha256");
    const server = createServer((socket) => {
      socket.on("data", (bytes) => {
        received.update(bytes);
        socket.pause();
        setTimeout(() => socket.resume(), 1);
      });
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const socket = connect({ port, host: "127.0.0.1" });
    await once(socket, "connect");
    const count = Math.ceil(8_000_000 / size);
    const given = createHash("sha256");
    async function* source(): AsyncGenerator<Uint8Array> {
      const memory = Buffer.alloc(size);
      for (let at = 0; at < count; at += 1) {
        memory.fill(at & 0xff);
        given.update(memory);
        yield memory;
      }
    }
    expect(await new BodyPump(socket, source(), count * size).run()).toBe("done");
    socket.end();
    await once(socket, "close");
    server.close();
    expect(received.digest("hex")).toBe(given.digest("hex"));
  },
);
