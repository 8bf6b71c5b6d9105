import { readdir, readlink } from "node:fs/promises";
import { connect, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout } from "node:timers/promises";
import { signRequest } from "@holdfast/protocol";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { credentials, region, startSubject, type Subject } from "../s3-subject.test.support.ts";

let subject: Subject;

beforeAll(async () => {
  subject = await startSubject();
  await subject.engine.createBucket("queue");
  await subject.send({ method: "PUT", target: "/queue/small", body: "small" });
  await subject.send({ method: "PUT", target: "/queue/16k", body: Buffer.alloc(16_000, 1) });
  await subject.send({ method: "PUT", target: "/queue/large", body: Buffer.alloc(2 ** 24, 2) });
});

afterAll(() => subject.close());

/** A signed GET as it stands on the wire. */
function get(target: string, more: Readonly<Record<string, string>> = {}): string {
  const headers = signRequest(
    { method: "GET", target, headers: { host: `127.0.0.1:${subject.gateway.port}` } },
    { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" },
  );
  const lines = Object.entries({ ...headers, ...more }).map(([name, value]) => `${name}: ${value}`);
  return `GET ${target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`;
}

function open(): Socket {
  const socket = connect(subject.gateway.port, "127.0.0.1");
  socket.on("error", () => undefined);
  return socket;
}

async function statusesOf(socket: Socket): Promise<readonly number[]> {
  const text = (await buffer(socket)).toString("latin1");
  return Array.from(text.matchAll(/HTTP\/1\.1 (\d{3}) /g), ([, status]) => Number(status));
}

async function blobsOpen(): Promise<number> {
  const names = await readdir("/proc/self/fd");
  const paths = await Promise.all(
    names.map((name) => readlink(`/proc/self/fd/${name}`).catch(() => "")),
  );
  return paths.filter((path) => path.startsWith(`${subject.directory}/blobs/`)).length;
}

describe("requests that were sent at once", () => {
  it("are answered before what follows them is refused as no request", async () => {
    const socket = open();
    socket.write(`${get("/queue/small")}${get("/queue/none")}no request at all\r\n\r\n`);
    expect(await statusesOf(socket)).toEqual([200, 404, 400]);
  });

  it("are answered up to the one that ends the connection, and what follows it is left", async () => {
    const socket = open();
    const last = get("/queue/small", { connection: "close" });
    socket.write(`${get("/queue/small")}${last}${get("/queue/small")}`);
    expect(await statusesOf(socket)).toEqual([200, 200]);
  });

  it("are not answered in another's place when the client reads late", async () => {
    const socket = open();
    socket.pause();
    const count = 400;
    socket.write(get("/queue/16k").repeat(count));
    await setTimeout(500);
    socket.write("no request at all\r\n\r\n");
    await setTimeout(100);
    expect(await statusesOf(socket)).toEqual([...Array<number>(count).fill(200), 400]);
  });

  it("are not carried out while an answer before them waits to be read", async () => {
    const listed = vi.spyOn(subject.engine, "openObject");
    const socket = open();
    socket.pause();
    // More than the system's buffers take.
    socket.write(get("/queue/large").repeat(2));
    await expect.poll(() => listed).toHaveBeenCalled();
    await setTimeout(200);
    expect(listed).toHaveBeenCalledTimes(1);
    listed.mockRestore();
    socket.destroy();
  });

  it("leave no file open when the client goes away before they are answered", async (context) => {
    if (process.platform !== "linux") return context.skip("open files are told by /proc alone");
    // Those of whoever left before are closed soon.
    await expect.poll(blobsOpen).toBe(0);
    for (let round = 0; round < 5; round += 1) {
      const socket = open();
      socket.pause();
      socket.write(get("/queue/large").repeat(3));
      await setTimeout(50);
      socket.destroy();
    }
    await expect.poll(blobsOpen).toBe(0);
  });
});
