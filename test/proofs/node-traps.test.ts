import type { Engine, OpenObject } from "@holdfast/engine";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { errorCodeOf } from "./error-document.ts";
import { eventually } from "./eventually.ts";
import { startLocalGateway, type LocalGateway } from "./local-gateway.ts";
import { RawConnection } from "./raw-connection.ts";
import { headOf, signed, toBytes } from "./raw-request.ts";

const mebibyte = 1024 * 1024;
const rejections: unknown[] = [];
const onRejection = (reason: unknown): unknown => rejections.push(reason);
const opened: LocalGateway[] = [];

beforeAll(() => {
  process.on("unhandledRejection", onRejection);
});

afterEach(async () => {
  for (const local of opened.splice(0)) await local.close();
});

afterAll(() => {
  process.off("unhandledRejection", onRejection);
});

async function start(...parameters: Parameters<typeof startLocalGateway>): Promise<LocalGateway> {
  const local = await startLocalGateway(...parameters);
  opened.push(local);
  return local;
}

async function store(local: LocalGateway, key: string, bytes: Buffer): Promise<void> {
  await local.engine.putObject({
    bucket: "proofs",
    key,
    body: (async function* () {
      yield bytes;
    })(),
    size: bytes.length,
    metadata: { system: {}, user: {} },
    checksumAlgorithm: "CRC32",
  });
}

const get = (port: number, key: string): Buffer =>
  toBytes(signed({ port, method: "GET", target: `/proofs/${key}` }));

test("thirty aborted downloads leave no open file", async () => {
  const local = await start();
  const { port } = local;
  await store(local, "large", Buffer.alloc(16 * mebibyte, "large"));
  for (let index = 0; index < 30; index++) {
    const connection = await RawConnection.open(port);
    connection.write(get(port, "large"));
    await connection.until(() => (connection.bytes.length > 1000 ? true : undefined));
    connection.destroy();
  }
  expect(await eventually(() => local.records.length, 30)).toBe(30);
  expect(await eventually(local.openBlobs, 0)).toBe(0);
  expect(local.records.every((record) => record.aborted)).toBe(true);
});

test("an object that was still being opened when its client left is closed", async () => {
  let open = 0;
  let leave = (): void => undefined;
  const left = new Promise<void>((resolve) => {
    leave = resolve;
  });
  const local = await start({}, (engine) => ({
    ...engine,
    openObject: async (bucket, key) => {
      const object = await engine.openObject(bucket, key);
      open += 1;
      await left;
      return {
        info: object.info,
        bytes: undefined,
        read: () => object.read(),
        close: async () => {
          await object.close();
          open -= 1;
        },
      };
    },
  }));
  await store(local, "large", Buffer.alloc(mebibyte, "large"));
  const connection = await RawConnection.open(local.port);
  connection.write(get(local.port, "large"));
  expect(await eventually(() => open, 1)).toBe(1);
  connection.destroy();
  const served = (): boolean =>
    /^holdfast_connections 0$/m.test(local.gateway.page("/metrics")?.body ?? "");
  expect(await eventually(served, true)).toBe(true);
  leave();
  expect(await eventually(() => local.records.length, 1)).toBe(1);
  expect(open).toBe(0);
  expect(local.records[0]?.aborted).toBe(true);
});

test("thirty aborted uploads leave no object, no file and no open file", async () => {
  const local = await start();
  const { port } = local;
  const body = Buffer.alloc(2 * mebibyte, "half");
  const before = await local.blobs();
  for (let index = 0; index < 30; index++) {
    const request = signed({ port, method: "PUT", target: "/proofs/half", body });
    const connection = await RawConnection.open(port);
    connection.write(Buffer.concat([headOf(request), body.subarray(0, mebibyte)]));
    await eventually(() => local.engineCalls() > index, true);
    connection.destroy();
  }
  expect(await eventually(() => local.records.length, 30)).toBe(30);
  expect(await eventually(local.openBlobs, 0)).toBe(0);
  expect(await eventually(local.blobs, before)).toBe(before);
  await expect(local.engine.headObject("proofs", "half")).rejects.toMatchObject({
    code: "NoSuchKey",
  });
});

/** The engine, with a different way to read the bytes of an object. */
function reading(engine: Engine, read: (object: OpenObject) => AsyncIterable<Buffer>): Engine {
  return {
    ...engine,
    openObject: async (bucket, key) => {
      const object = await engine.openObject(bucket, key);
      const close = (): Promise<void> => object.close();
      return { info: object.info, bytes: undefined, read: () => read(object), close };
    },
  };
}

const deceptions: Readonly<Record<string, (object: OpenObject) => AsyncIterable<Buffer>>> = {
  "an error after the headers": async function* (object) {
    for await (const bytes of object.read()) {
      yield bytes.subarray(0, 10);
      throw new Error("the disk is gone");
    }
  },
  "fewer bytes than were announced": async function* (object) {
    for await (const bytes of object.read()) yield bytes.subarray(0, bytes.length - 1);
  },
  "more bytes than were announced": async function* (object) {
    yield* object.read();
    yield Buffer.from("HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n");
  },
  "no bytes at all": async function* () {
    yield* [];
  },
};

test.each(Object.entries(deceptions))(
  "%s: the connection breaks, and no second answer completes the first",
  async (_, read) => {
    const local = await start({}, (engine) => reading(engine, read));
    const { port } = local;
    await store(local, "object", Buffer.alloc(1000, "x"));
    const connection = await RawConnection.open(port);
    const list = toBytes(signed({ port, method: "GET", target: "/proofs?list-type=2" }));
    connection.write(Buffer.concat([get(port, "object"), list]));
    await connection.ended();
    const text = connection.bytes.toString("latin1");
    expect(text.match(/HTTP\/1\.1/g)?.length ?? 0).toBeLessThanOrEqual(1);
    expect(text).not.toContain("ListBucketResult");
    expect(text.length - text.indexOf("\r\n\r\n") - 4).toBeLessThanOrEqual(1000);
    const record = local.records.find(({ operation }) => operation === "GetObject");
    expect(record?.aborted).toBe(true);
    connection.destroy();
    expect(await eventually(local.openBlobs, 0)).toBe(0);
  },
);

test("an engine that throws what nobody expected: InternalError at once, and nothing of the cause", async () => {
  const local = await start({}, (engine) => {
    const fail = async (): Promise<never> => {
      throw new TypeError("a secret detail");
    };
    return {
      ...engine,
      headBucket: fail,
      headObject: fail,
      putObject: fail,
      openObject: fail,
      deleteObject: fail,
      listObjects: fail,
      createUpload: fail,
      abortUpload: fail,
      listBuckets: fail,
    };
  });
  const { port } = local;
  const calls = [
    ["GET", "/"],
    ["GET", "/proofs?list-type=2"],
    ["HEAD", "/proofs"],
    ["GET", "/proofs/key"],
    ["HEAD", "/proofs/key"],
    ["PUT", "/proofs/key"],
    ["DELETE", "/proofs/key"],
    ["POST", "/proofs/key?uploads"],
    ["DELETE", "/proofs/key?uploadId=x"],
  ] as const;
  for (const [method, target] of calls) {
    const body = method === "PUT" ? "bytes" : "";
    const connection = await RawConnection.open(port, [method]);
    connection.write(toBytes(signed({ port, method, target, body })));
    const answer = await connection.answer();
    expect([method, target, answer.status]).toEqual([method, target, 500]);
    if (method !== "HEAD") expect(errorCodeOf(answer)).toBe("InternalError");
    expect(answer.body.toString()).not.toContain("secret");
    connection.destroy();
  }
  expect(local.records.every(({ cause }) => cause?.includes("a secret detail"))).toBe(true);
});

test("a reader that stalls is sent no more than the socket holds, and is cut when it stays idle", async () => {
  const local = await start({ idleTimeoutMs: 600 });
  const { port } = local;
  await store(local, "huge", Buffer.alloc(64 * mebibyte));
  const before = process.memoryUsage().rss;
  const connection = await RawConnection.open(port);
  connection.socket.pause();
  connection.write(get(port, "huge"));
  expect(await eventually(() => local.records.length, 1)).toBe(1);
  const grownMiB = Math.round((process.memoryUsage().rss - before) / mebibyte);
  const sentMiB = Math.round((local.records[0]?.bytesOut ?? 0) / mebibyte);
  console.log(`stalled reader: ${sentMiB} MiB sent of 64, resident set +${grownMiB} MiB`);
  expect(sentMiB).toBeLessThan(16);
  expect(grownMiB).toBeLessThan(48);
  connection.destroy();
  expect(await eventually(local.openBlobs, 0)).toBe(0);
});

test("closing lets what is under way end, ends what is idle, and takes nothing new", async () => {
  const local = await start();
  const { port, gateway } = local;
  const idle = await RawConnection.open(port);
  idle.write(get(port, "missing"));
  await idle.answer();
  const body = Buffer.alloc(100_000, "b");
  const request = signed({ port, method: "PUT", target: "/proofs/last", body });
  const busy = await RawConnection.open(port);
  busy.write(Buffer.concat([headOf(request), body.subarray(0, 50_000)]));
  await eventually(() => local.engineCalls() > 1, true);
  const closed = gateway.close({ graceMs: 10_000 });
  await idle.ended(8000);
  await expect(RawConnection.open(port)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  busy.write(body.subarray(50_000));
  const answer = await busy.answer();
  expect([answer.status, answer.headers.get("connection")]).toEqual([200, ["close"]]);
  await closed;
  idle.destroy();
  busy.destroy();
  expect((await local.engine.headObject("proofs", "last")).size).toBe(body.length);
});

test("closing cuts what has not ended when the grace is over, and keeps nothing of it", async () => {
  const local = await start();
  const { port, gateway } = local;
  const body = Buffer.alloc(100_000, "b");
  const request = signed({ port, method: "PUT", target: "/proofs/never", body });
  const connection = await RawConnection.open(port);
  connection.write(Buffer.concat([headOf(request), body.subarray(0, 50_000)]));
  await eventually(() => local.engineCalls() > 1, true);
  await gateway.close({ graceMs: 200 });
  await connection.ended();
  connection.destroy();
  await expect(local.engine.headObject("proofs", "never")).rejects.toMatchObject({
    code: "NoSuchKey",
  });
  expect(await eventually(local.openBlobs, 0)).toBe(0);
});

test("a thousand idle connections cost little, and the next client is served", async () => {
  const local = await start({ idleTimeoutMs: 60_000, headersTimeoutMs: 60_000 });
  const { port } = local;
  const before = process.memoryUsage().rss;
  const idle = await Promise.all(Array.from({ length: 1000 }, () => RawConnection.open(port)));
  const startedAt = performance.now();
  const connection = await RawConnection.open(port);
  connection.write(get(port, "missing"));
  expect((await connection.answer()).status).toBe(404);
  const tookMs = Math.round(performance.now() - startedAt);
  const grownMiB = Math.round((process.memoryUsage().rss - before) / mebibyte);
  console.log(
    `1,000 idle connections (both ends): +${grownMiB} MiB; one more served in ${tookMs} ms`,
  );
  expect(grownMiB).toBeLessThan(150);
  for (const one of [...idle, connection]) one.destroy();
});

test("requests at once on one connection are obeyed in their order", async () => {
  const local = await start();
  const { port } = local;
  for (let index = 0; index < 50; index++) {
    const target = `/proofs/turn-${index}`;
    const connection = await RawConnection.open(port, ["PUT", "GET", "DELETE", "GET"]);
    connection.write(
      Buffer.concat([
        toBytes(signed({ port, method: "PUT", target, body: Buffer.alloc(200_000) })),
        // Without it a DELETE that overtakes the PUT has the same answers.
        toBytes(signed({ port, method: "GET", target })),
        toBytes(signed({ port, method: "DELETE", target })),
        toBytes(signed({ port, method: "GET", target })),
      ]),
    );
    await connection.answer(3);
    const { answers } = await connection.finish();
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 204, 404]);
  }
});

test("not one rejection went unhandled", () => {
  expect(rejections).toEqual([]);
});
