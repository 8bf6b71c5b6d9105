import { setImmediate as turn } from "node:timers/promises";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import { resumedBody } from "./resumed-body.ts";

const reset = Object.assign(new Error("gone"), { code: "ECONNRESET" });

test("a stream that breaks before anybody reads it fails the reader, and nobody else", async () => {
  const stream = new Readable({ read: () => {} });
  const body = resumedBody({ bytes: 3, stream, reopensMax: 0, idleMs: 1000 });
  stream.destroy(reset);
  await turn();
  await expect(body[Symbol.asyncIterator]().next()).rejects.toMatchObject({
    kind: "unavailable",
    code: "ECONNRESET",
    cause: reset,
  });
});

test("a stream that breaks after its reader has left is nobody's failure", async () => {
  const stream = new Readable({ read: () => {} });
  const reader = resumedBody({ bytes: 3, stream, reopensMax: 0, idleMs: 1000 });
  stream.push(Buffer.from("a"));
  for await (const piece of reader) {
    expect(piece).toEqual(Buffer.from("a"));
    break;
  }
  stream.emit("error", reset);
});
