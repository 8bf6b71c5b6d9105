import assert from "node:assert/strict";
import { parentPort } from "node:worker_threads";
import { hashHere, type BodyDigests, type BodyHash } from "./body-hash.ts";
import type { HashOrder } from "./hash-order.ts";

assert(parentPort !== null, "this module is what a hashing thread runs");
const port = parentPort;
const bodies = new Map<number, BodyHash>();

port.on("message", (order: HashOrder) => {
  if (order.do === "begin") {
    bodies.set(order.body, hashHere(order.algorithm));
    return;
  }
  const hash = bodies.get(order.body);
  if (order.do === "update") {
    void hash?.update(Buffer.from(order.piece.buffer, order.piece.byteOffset, order.piece.length));
    port.postMessage(undefined);
    return;
  }
  bodies.delete(order.body);
  if (order.do === "digest") port.postMessage(hash?.digest() satisfies Answer);
});

type Answer = Promise<BodyDigests> | BodyDigests | undefined;
