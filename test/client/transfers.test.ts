import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { once } from "node:events";
import {
  createReadStream,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { mkdir, open as openFile } from "node:fs/promises";
import { connect, createServer, type Socket } from "node:net";
import { join } from "node:path";
import { Readable } from "node:stream";
import { type RequestBody, S3Client, S3IntegrityError, S3SourceError } from "@holdfast/client";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { bucket, type Running, startGatewayAndClient } from "./gateway.ts";

const mebibyte = 2 ** 20;
let running: Running;
beforeAll(async () => {
  running = await startGatewayAndClient();
});
afterAll(() => running.close());

/** Bytes that differ from one part to the next, made a mebibyte at a time. */
function* pieces(bytes: number): Generator<Buffer> {
  for (let at = 0; at < bytes; at += mebibyte) {
    const piece = Buffer.alloc(Math.min(mebibyte, bytes - at), String(at / mebibyte));
    yield piece;
  }
}

function md5(bytes: Iterable<Uint8Array>): string {
  const hash = createHash("md5");
  for (const piece of bytes) hash.update(piece);
  return hash.digest("hex");
}

async function md5Of(key: string): Promise<string> {
  const hash = createHash("md5");
  const { body } = await running.s3.getObject({ bucket, key });
  for await (const piece of body) hash.update(piece);
  return hash.digest("hex");
}

async function failureOf(operation: Promise<unknown>): Promise<unknown> {
  return operation.then(
    () => expect.unreachable("nothing failed"),
    (error: unknown) => error,
  );
}

/** What a failed upload would leave: an object, an upload, or its parts. */
async function leftOf(key: string): Promise<readonly string[]> {
  const left: string[] = [];
  for await (const entry of running.s3.listMultipartUploads({ bucket, prefix: key })) {
    left.push(`upload of ${entry.key}`);
  }
  if (await running.s3.exists({ bucket, key })) left.push(`object ${key}`);
  return left;
}

async function* failing(bytes: number, failure: Error): AsyncGenerator<Buffer> {
  yield* pieces(bytes);
  throw failure;
}

/** Every kind of body of so many bytes. */
function bodiesOf(bytes: number): Readonly<Record<string, () => RequestBody>> {
  const all = (): Buffer => Buffer.concat([...pieces(bytes)]);
  const file = join(running.directory, `body-${bytes}`);
  writeFileSync(file, all());
  async function* iterable(): AsyncGenerator<Buffer> {
    yield* pieces(bytes);
  }
  return {
    string: () => all().toString("latin1"),
    bytes: all,
    "an ArrayBuffer": () => Uint8Array.from(all()).buffer,
    Blob: () => new Blob([all()]),
    file: () => ({ file }),
    "Node stream": () => createReadStream(file),
    "web stream": () => new Blob([all()]).stream(),
    "async iterable": iterable,
    "function of a stream": () => () => createReadStream(file),
  };
}

const sizes = [0, 1, 5 * mebibyte, 8 * mebibyte, 8 * mebibyte + 1, 40 * mebibyte];

test.each(sizes)("%i bytes of every kind of body are stored as they are", async (bytes) => {
  const expected = md5(pieces(bytes));
  for (const [kind, body] of Object.entries(bodiesOf(bytes))) {
    const key = `kinds/${bytes}/${kind}`;
    const output = await running.s3.upload({ bucket, key, body: body() });
    const parts = bytes > 8 * mebibyte ? Math.ceil(bytes / (8 * mebibyte)) : 0;
    expect(output).toMatchObject({ bytes, parts });
    expect(await md5Of(key)).toBe(expected);
    await running.s3.deleteObject({ bucket, key });
  }
  expect(await leftOf("kinds/")).toEqual([]);
});

describe("an upload that fails", () => {
  test.each([6, 55])(
    "with its source at %i MB tells the source's own error, and leaves no object and no upload",
    async (megabytes) => {
      const key = `failing/${megabytes}`;
      const failure = new Error("the disk went away");
      const body = failing(megabytes * 1_000_000, failure);
      const error = await failureOf(running.s3.upload({ bucket, key, body }));
      expect(error).toBeInstanceOf(S3SourceError);
      expect(error).toMatchObject({ errorCode: "BodySourceFailed", cause: failure });
      expect(await leftOf(key)).toEqual([]);
    },
  );

  test("since it is aborted midway leaves no object and no upload, whenever that is", async () => {
    for (const after of [1, 8, 16, 20, 39]) {
      const key = `aborted/${after}`;
      const controller = new AbortController();
      async function* body(): AsyncGenerator<Buffer> {
        let given = 0;
        for (const piece of pieces(40 * mebibyte)) {
          if (given++ === after) controller.abort(`after ${after}`);
          yield piece;
        }
      }
      const { signal } = controller;
      const error = await failureOf(running.s3.upload({ bucket, key, body: body(), signal }));
      expect(error).toMatchObject({ errorCode: "Aborted", cause: `after ${after}` });
      expect(await leftOf(key)).toEqual([]);
    }
  });

  test("since its condition does leaves what was there, and no upload", async () => {
    const key = "conditional";
    const { etag } = await running.s3.putObject({ bucket, key, body: "first" });
    const body = (): Buffer => Buffer.concat([...pieces(9 * mebibyte)]);
    for (const condition of [{ ifNoneMatch: "*" }, { ifMatch: "0".repeat(32) }] as const) {
      const upload = running.s3.upload({ bucket, key, body: body(), ...condition });
      expect(await failureOf(upload)).toMatchObject({
        errorCode: "PreconditionFailed",
        ambiguous: false,
      });
    }
    const uploads = await running.s3.listMultipartUploads({ bucket, prefix: key }).page();
    expect(uploads.uploads).toEqual([]);
    expect(await md5Of(key)).toBe(etag);
    const output = await running.s3.upload({ bucket, key, body: body(), ifMatch: etag });
    expect(output.parts).toBe(2);
  });
});

/** A way to the gateway that can be cut. */
async function cuttable(): Promise<{
  readonly s3: S3Client;
  /** Cuts each connection once that many bytes went up or came down by it, so many times. */
  readonly cut: (bytes: number, times: number) => void;
  readonly cuts: () => number;
}> {
  let limit = Number.POSITIVE_INFINITY;
  let left = 0;
  let cuts = 0;
  const open = new Set<Socket>();
  const { hostname, port } = new URL(running.endpoint);
  const server = createServer((near) => {
    const far = connect(Number(port), hostname);
    let moved = 0;
    const count = (piece: Buffer): void => {
      moved += piece.length;
      if (moved < limit || left === 0) return;
      left -= 1;
      cuts += 1;
      moved = 0;
      near.resetAndDestroy();
      far.resetAndDestroy();
    };
    for (const [one, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(one);
      one.on("data", count);
      one.on("error", () => other.destroy());
      one.on("close", () => open.delete(one));
      one.pipe(other);
    }
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (address === null || typeof address === "string") throw new TypeError("not listening");
  const s3 = new S3Client({
    // What was signed for the gateway's own address has to arrive there under that name.
    endpoint: `http://127.0.0.1:${address.port}`,
    credentials: { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "a secret of the tests" },
    checksums: "always",
    // All cuts may be one request's.
    attemptsMax: 5,
  });
  onTestFinished(async () => {
    s3.close();
    for (const socket of open) socket.destroy();
    server.close();
  });
  return {
    s3,
    cut(bytes, times) {
      limit = bytes;
      left = times;
    },
    cuts: () => cuts,
  };
}

test("an upload whose connections are killed within its parts is whole in the end", async () => {
  const { s3, cut, cuts } = await cuttable();
  cut(3 * mebibyte, 3);
  const bytes = 30 * mebibyte;
  const output = await s3.upload({ bucket, key: "killed", body: Readable.from(pieces(bytes)) });
  expect(cuts()).toBe(3);
  expect(output).toMatchObject({ bytes, parts: 4 });
  expect(await md5Of("killed")).toBe(md5(pieces(bytes)));
});

describe("a download", () => {
  const bytes = 24 * mebibyte;
  beforeAll(async () => {
    await running.s3.upload({ bucket, key: "down", body: Readable.from(pieces(bytes)) });
  });

  async function folder(name: string): Promise<string> {
    const path = join(running.directory, name);
    await mkdir(path);
    return path;
  }

  test("of an object in parts has a checksum of the whole that it is verified by", async () => {
    const { checksum } = await running.s3.headObject({ bucket, key: "down" });
    expect(checksum).toMatchObject({ algorithm: "CRC32", type: "FULL_OBJECT" });
  });

  test("over connections that are cut is whole", async () => {
    const { s3, cut, cuts } = await cuttable();
    const file = join(await folder("cut"), "file");
    cut(5 * mebibyte, 4);
    await s3.download({ bucket, key: "down", file });
    expect(cuts()).toBe(4);
    expect(md5([readFileSync(file)])).toBe(md5(pieces(bytes)));
  });

  test("in a process that is killed is gone on with by the next; what was tampered with is found", async () => {
    const directory = await folder("killed");
    const file = join(directory, "file");
    for (const tampered of [false, true]) {
      await killedDownload(file);
      const part = readdirSync(directory).find((name) => name.endsWith(".part")) ?? "";
      const { size } = statSync(join(directory, part));
      expect(size).toBeGreaterThan(0);
      expect(size).toBeLessThan(bytes);
      if (tampered) {
        const handle = await openFile(join(directory, part), "r+");
        await handle.write("!", 1000);
        await handle.close();
        const again = running.s3.download({ bucket, key: "down", file, resume: true });
        expect(await failureOf(again)).toBeInstanceOf(S3IntegrityError);
        expect(readdirSync(directory)).toEqual([]);
        return;
      }
      const input = { bucket, key: "down", file, resume: true };
      expect(await running.s3.download(input)).toMatchObject({ bytes, resumedFrom: size });
      expect(md5([readFileSync(file)])).toBe(md5(pieces(bytes)));
      expect(readdirSync(directory)).toEqual(["file"]);
      rmSync(file);
    }
  });

  /** Downloads in a process of its own that is killed in the midst of it. */
  async function killedDownload(file: string): Promise<void> {
    const child = spawn(process.execPath, [join(import.meta.dirname, "download.mjs")], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, HOLDFAST_ENDPOINT: running.endpoint, HOLDFAST_FILE: file },
    });
    const [said] = await once(child.stdout, "data");
    expect(String(said)).toBe("some\n");
    child.kill("SIGKILL");
    await once(child, "exit");
  }

  test("onto a disk that is full fails with Node's own error, and leaves none of it there", async ({
    skip,
  }) => {
    const directory = await folder("full");
    const mounted = spawnSync("/usr/bin/mount", [
      "-t",
      "tmpfs",
      "-o",
      "size=8m",
      "none",
      directory,
    ]);
    if (mounted.status !== 0) skip("no tmpfs can be mounted here");
    onTestFinished(() => {
      spawnSync("/usr/bin/umount", [directory]);
    });
    const file = join(directory, "file");
    writeFileSync(file, "what was there");
    for (const resume of [false, true]) {
      const error = await failureOf(running.s3.download({ bucket, key: "down", file, resume }));
      expect(error).toMatchObject({ code: "ENOSPC" });
      expect(readFileSync(file, "utf8")).toBe("what was there");
      // Told to keep what arrived, it does.
      expect(readdirSync(directory)).toHaveLength(resume ? 2 : 1);
    }
  });

  test("is on stable storage before it has its name, and its name before anybody is told", ({
    skip,
  }) => {
    if (spawnSync("/usr/bin/strace", ["-V"]).status !== 0) skip("there is no strace here");
    const directory = join(running.directory, "traced");
    return traced(directory);
  });

  async function traced(directory: string): Promise<void> {
    await mkdir(directory);
    const log = join(running.directory, "strace.log");
    const calls = "trace=fsync,rename,renameat,renameat2";
    const child = spawn(
      "/usr/bin/strace",
      [
        "-f",
        "-y",
        "-o",
        log,
        "-e",
        calls,
        process.execPath,
        join(import.meta.dirname, "download.mjs"),
      ],
      {
        stdio: ["pipe", "pipe", "inherit"],
        env: {
          ...process.env,
          HOLDFAST_ENDPOINT: running.endpoint,
          HOLDFAST_FILE: join(directory, "file"),
          HOLDFAST_WHOLE: "1",
        },
      },
    );
    await once(child, "exit");
    const said = readFileSync(log, "utf8")
      .split("\n")
      .filter((line) => line.includes(directory) && !line.includes("resumed"))
      .map((line) => /(fsync|rename)\w*\((?:\d+<)?([^>,]*)/.exec(line))
      .map((found) => `${found?.[1]} ${found?.[2]?.replaceAll('"', "").replace(directory, "")}`);
    expect(said).toEqual([
      expect.stringMatching(/^fsync \/file\..*\.part$/),
      expect.stringMatching(/^rename \/file\..*\.part$/),
      "fsync ",
    ]);
  }
});

describe("a copy", () => {
  test("in parts is the source, with what it says of itself, and leaves nothing when it fails", async () => {
    const bytes = 12 * mebibyte;
    const copySource = { bucket, key: "source" };
    await running.s3.upload({
      ...copySource,
      body: Readable.from(pieces(bytes)),
      contentType: "text/plain",
      cacheControl: "no-store",
      metadata: { name: "Käse" },
    });
    const partBytes = 5 * mebibyte;
    const output = await running.s3.copy({ bucket, key: "copied", copySource, partBytes });
    expect(output).toMatchObject({ bytes, parts: 3 });
    expect(await md5Of("copied")).toBe(md5(pieces(bytes)));
    expect(await running.s3.headObject({ bucket, key: "copied" })).toMatchObject({
      contentType: "text/plain",
      cacheControl: "no-store",
      metadata: { name: "Käse" },
    });
    const whole = await running.s3.copy({ bucket, key: "copied-whole", copySource });
    expect(whole).toMatchObject({ bytes, parts: 0 });
    const missing = { bucket, key: "missing" };
    const error = await failureOf(running.s3.copy({ bucket, key: "none", copySource: missing }));
    expect(error).toMatchObject({ category: "not-found" });
    const onProgress = (): void => {
      throw new Error("no");
    };
    await failureOf(running.s3.copy({ bucket, key: "none", copySource, partBytes, onProgress }));
    expect(await leftOf("none")).toEqual([]);
  });
});

test("the memory of an upload is at most two parts for each on its way, and one, whatever its size", async () => {
  const partBytes = 8 * mebibyte;
  const concurrency = 4;
  const most = await peakOf({ partBytes, concurrency, bytes: 200 * mebibyte });
  console.log(`${(most / partBytes).toFixed(1)} parts held at most, ${concurrency} on their way`);
  // Those on their way, those that their connections sent before, and the one that is sent next; and what is small.
  expect(most).toBeLessThan((2 * concurrency + 1) * partBytes + 2 * mebibyte);
});

/** The most memory outside of the heap that an upload has, in bytes, in a process of its own that collects often. */
async function peakOf(options: Readonly<Record<string, number>>): Promise<number> {
  const child = spawn(
    process.execPath,
    ["--expose-gc", join(import.meta.dirname, "upload-memory.mjs")],
    {
      stdio: ["ignore", "pipe", "inherit"],
      env: {
        ...process.env,
        HOLDFAST_ENDPOINT: running.endpoint,
        HOLDFAST_UPLOAD: JSON.stringify(options),
      },
    },
  );
  const said: string[] = [];
  child.stdout.on("data", (piece) => said.push(String(piece)));
  await once(child, "close");
  return Number(said.join(""));
}
