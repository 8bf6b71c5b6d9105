import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { signRequest } from "@holdfast/protocol";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { credentials, region, startSubject, type Subject } from "./s3-subject.test.support.ts";

let subject: Subject;

beforeEach(async () => {
  subject = await startSubject();
  await subject.engine.createBucket("stop");
});

afterEach(() => subject.close());

/** A connection on which a GET was sent, and nothing of the answer was read. */
function unread(target: string, times: number): Socket {
  const { port } = subject.gateway;
  const headers = signRequest(
    { method: "GET", target, headers: { host: `127.0.0.1:${port}` } },
    { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" },
  );
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, "127.0.0.1");
  socket.pause();
  socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`.repeat(times));
  return socket;
}

/** How many bytes come, and how long the stop takes, when it begins before anything is read. */
async function stopBehind(socket: Socket): Promise<readonly [text: string, stopMs: number]> {
  await setTimeout(1000);
  const begun = performance.now();
  const stopped = subject.gateway.close({ graceMs: 30_000 });
  await setTimeout(50);
  const pieces: Buffer[] = [];
  for await (const piece of socket) pieces.push(piece);
  await stopped;
  return [Buffer.concat(pieces).toString("latin1"), performance.now() - begun];
}

describe("a stop", () => {
  it("lets an object that is being sent end, and does not wait for more", async () => {
    const size = 2 ** 25;
    await subject.send({ method: "PUT", target: "/stop/large", body: Buffer.alloc(size, 1) });
    const [text, stopMs] = await stopBehind(unread("/stop/large", 1));
    expect(text.length - text.indexOf("\r\n\r\n") - 4).toBe(size);
    expect(stopMs).toBeLessThan(20_000);
  });

  it("lets a listing that the system has not taken end", async () => {
    const folder = `/stop/${"k".repeat(200)}/${"k".repeat(200)}/${"k".repeat(200)}`;
    const keys = Array.from({ length: 500 }, (_, index) => `${folder}/${index}`);
    await Promise.all(keys.map((target) => subject.send({ method: "PUT", target, body: "x" })));
    // More than the system's buffers hold.
    const [text, stopMs] = await stopBehind(unread("/stop?list-type=2", 40));
    const begun = text.match(/<ListBucketResult/g)?.length;
    expect(begun).toBeGreaterThan(1);
    expect(text.match(/<\/ListBucketResult>/g)?.length).toBe(begun);
    expect(stopMs).toBeLessThan(20_000);
  });
});
