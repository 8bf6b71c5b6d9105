import { createHash } from "node:crypto";
import { once } from "node:events";
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { Dice } from "./answers.test.support.ts";
import { RawServer } from "./raw-server.test.support.ts";
import { WireTransport } from "./wire-transport.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);

const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0).toReversed()) close();
});

const pattern = Buffer.from(Array.from({ length: 1_000_003 }, (_, at) => (at * 7) % 251));
const sha256 = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("hex");

function chunked(bytes: Buffer, size: number): Buffer {
  const parts: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += size) {
    const piece = bytes.subarray(at, at + size);
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from("\r\n"));
  }
  return Buffer.concat([...parts, Buffer.from("0\r\n\r\n")]);
}

/** Answers `/LENGTH/CHUNK` with the beginning of the pattern, in chunks where their size is not 0. */
async function serve(connectionsMax = 4): Promise<{ server: RawServer; transport: WireTransport }> {
  const server = await RawServer.start({
    onHead(socket, head) {
      const [, length, chunk] = (/ \/(\d+)\/(\d+) /.exec(head) ?? []).map(Number);
      const bytes = pattern.subarray(0, length);
      if (chunk === undefined || chunk === 0) {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${bytes.length}\r\n\r\n`);
        socket.write(bytes);
      } else {
        socket.write("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n");
        socket.write(chunked(bytes, chunk));
      }
    },
  });
  const transport = new WireTransport({ connectionsMax });
  closing.push(() => server.close());
  closing.push(() => transport.close());
  return { server, transport };
}

test(`a piece is its reader's until it asks for the next, whoever else reads meanwhile (HOLDFAST_SEED=${seed})`, async () => {
  const { server, transport } = await serve();
  const dice = new Dice(seed);
  const memory = new Set<ArrayBufferLike>();
  let [bodies, pieces] = [0, 0];
  const read = async (): Promise<void> => {
    const length = dice.of([0, 1, 65_536, 70_000, 300_000, 1_000_000]);
    const { body } = await transport.send(
      server.request(`/${length}/${dice.of([0, 0, 3_000, 100_000])}`),
    );
    const isReused = dice.below(4) > 0;
    if (isReused) body.reuse();
    const whole = createHash("sha256");
    for (;;) {
      const piece = await body.next();
      if (piece === undefined) break;
      const before = sha256(piece);
      for (let turns = dice.below(4); turns > 0; turns -= 1) await turn();
      expect(sha256(piece)).toBe(before);
      whole.update(piece);
      if (isReused && piece.buffer.byteLength > 65_536) memory.add(piece.buffer);
      pieces += 1;
      // A reader who leaves has done with nothing that others could read over.
      if (dice.below(100) === 0) return body.destroy();
    }
    expect(whole.digest("hex")).toBe(sha256(pattern.subarray(0, length)));
    bodies += 1;
  };
  const work = async (): Promise<void> => {
    for (let round = 0; round < 20; round += 1) await read();
  };
  await Promise.all(Array.from({ length: 6 }, work));
  process.stdout.write(`${bodies} bodies, ${pieces} pieces, ${memory.size} buffers\n`);
  expect(bodies).toBeGreaterThan(50);
});

test("large bodies that are read one after the other are all read into the same memory", async () => {
  const { server, transport } = await serve();
  const memory = new Set<ArrayBufferLike>();
  for (let round = 0; round < 10; round += 1) {
    const { body } = await transport.send(server.request("/1000000/0"));
    body.reuse();
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
      // What came with the head was not read for this reader.
      if (piece.length > 16 * 1024) memory.add(piece.buffer);
    }
  }
  expect(memory.size).toBe(1);
});

test("in a crowd a body takes half the memory, and as much as ever once the crowd is gone", async () => {
  const count = 40;
  const { server, transport } = await serve(count);
  const sizes = new Map<ArrayBufferLike, number>();
  const read = async (until: Promise<unknown>, isLeft: boolean): Promise<void> => {
    const { body } = await transport.send(server.request("/1000000/0"));
    body.reuse();
    for (let piece = await body.next(); piece !== undefined; piece = await body.next()) {
      if (piece.length <= 16 * 1024) continue;
      sizes.set(piece.buffer, piece.buffer.byteLength);
      await until;
      if (isLeft) return body.destroy();
    }
  };
  const crowd = new AbortController();
  const isThere = once(crowd.signal, "abort");
  const reading = Array.from({ length: count }, (_, index) => read(isThere, index % 4 === 0));
  await expect.poll(() => sizes.size).toBe(count);
  const large = [...sizes.values()].filter((bytes) => bytes === 256 * 1024);
  const small = [...sizes.values()].filter((bytes) => bytes === 128 * 1024);
  expect([large.length, small.length]).toEqual([16, count - 16]);
  crowd.abort();
  await Promise.all(reading);
  sizes.clear();
  await read(isThere, false);
  expect([...sizes.values()]).toEqual([256 * 1024]);
});
