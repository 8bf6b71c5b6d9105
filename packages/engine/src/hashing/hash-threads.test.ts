import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdir, mkdtemp, readdir, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { promisify } from "node:util";
import * as fc from "fast-check";
import { checksumAlgorithms } from "@holdfast/protocol";
import { createChecksum } from "../checksums/create-checksum.ts";
import { afterAll, beforeAll, expect, test } from "vitest";
import { BlobStore } from "../blobs/blob-store.ts";
import { nodeFs } from "../disk/node-fs.ts";
import { Room } from "../disk/room.ts";
import { Volume } from "../disk/volume.ts";
import { receiveBody } from "../objects/receive-body.ts";
import { HashThreads } from "./hash-threads.ts";

/** Answers what it is told, until a piece begins with 1, 2 or 3. */
const mortal = `
import { parentPort } from "node:worker_threads";
parentPort.on("message", (order) => {
  if (order.do === "update" && order.piece[0] === 1) process.exit(0);
  if (order.do === "update" && order.piece[0] === 2) throw new Error("a defect");
  if (order.do === "update" && order.piece[0] === 3) return;
  if (order.do === "update") parentPort.postMessage(undefined);
  if (order.do === "digest") {
    parentPort.postMessage({ md5: "0".repeat(32), checksum: Buffer.alloc(4) });
  }
});`;

let directory: string;
let mortalModule: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-hash-threads-"));
  mortalModule = join(directory, "mortal.mjs");
  await writeFile(mortalModule, mortal);
});
afterAll(() => rm(directory, { recursive: true }));

function shared(bytes: Uint8Array): Buffer {
  const memory = Buffer.from(new SharedArrayBuffer(bytes.length));
  memory.set(bytes);
  return memory;
}

const ended = { code: "ServiceUnavailable", reason: "hash_thread_ended" };

test("bodies hashed at once, in any pieces, come to what each comes to alone", async () => {
  const threads = new HashThreads();
  const body = fc.record({
    algorithm: fc.constantFrom(...checksumAlgorithms),
    pieces: fc.array(fc.uint8Array({ maxLength: 300 }), { maxLength: 8 }),
  });
  const property = fc.asyncProperty(fc.array(body, { maxLength: 12 }), async (bodies) => {
    await Promise.all(
      bodies.map(async ({ algorithm, pieces }) => {
        const hash = threads.begin(algorithm);
        for (const piece of pieces) await hash.update(shared(piece));
        const { md5, checksum } = await hash.digest();
        const [expectedMd5, expected] = [createChecksum("MD5"), createChecksum(algorithm)];
        for (const piece of pieces) for (const one of [expectedMd5, expected]) one.update(piece);
        expect(md5).toBe(expectedMd5.digest().toString("hex"));
        expect(expected.digest().equals(checksum)).toBe(true);
      }),
    );
  });
  await fc.assert(property, { numRuns: 60 });
  await threads.close();
});

test.each([
  ["exits", 1],
  ["throws", 2],
])(
  "a thread that %s refuses the bodies it had, and the next body has another",
  async (_, fatal) => {
    const threads = new HashThreads(mortalModule);
    const [one, other] = [threads.begin("CRC32"), threads.begin("CRC32")];
    await expect(one.update(shared(Buffer.from([fatal])))).rejects.toMatchObject(ended);
    await expect(one.digest()).rejects.toMatchObject(ended);
    one.abandon();
    other.abandon();
    const next = threads.begin("CRC32");
    await next.update(shared(Buffer.from([0])));
    expect((await next.digest()).md5).toHaveLength(32);
    await threads.close();
  },
);

test("closing refuses a body whose thread does not answer", async () => {
  const threads = new HashThreads(mortalModule);
  const update = threads.begin("CRC32").update(shared(Buffer.from([3])));
  const [outcome] = await Promise.allSettled([update, threads.close()]);
  expect(outcome).toMatchObject({ status: "rejected", reason: ended });
});

test("a module that cannot be loaded is a refusal", async () => {
  const threads = new HashThreads(join(directory, "missing.mjs"));
  const update = threads.begin("CRC32").update(shared(Buffer.from([0])));
  await expect(update).rejects.toMatchObject(ended);
  await threads.close();
});

test("a large body whose thread ends is refused and leaves no file", async () => {
  const root = join(directory, "blobs");
  await mkdir(root);
  const volume = new Volume(nodeFs);
  const blobs = new BlobStore({ volume, root, nextDirectory: 0, reserve: async () => {} });
  const room = new Room({
    fs: nodeFs,
    directory,
    reserveBytes: 0,
    indexBytes: async () => 0,
    elapsed: () => 0,
  });
  const hashThreads = new HashThreads(mortalModule);
  const bytes = randomBytes(9 * 1024 * 1024);
  for (let at = 0; at < bytes.length; at += 1024 * 1024) bytes[at] = 0;
  const files = async (): Promise<number> =>
    (await readdir(root, { recursive: true, withFileTypes: true })).filter((one) => one.isFile())
      .length;
  const store = async (fatalPiece?: number): Promise<unknown> => {
    const spoilt = Buffer.from(bytes);
    if (fatalPiece !== undefined) spoilt[fatalPiece * 1024 * 1024] = 1;
    const body = (async function* body() {
      for (let at = 0; at < spoilt.length; at += 60_000) yield spoilt.subarray(at, at + 60_000);
    })();
    const incoming = { body, size: bytes.length, checksumAlgorithm: "CRC32" as const };
    return receiveBody({ blobs, hashThreads, room }, { ...incoming, inlineBytesMax: 0 });
  };
  for (const fatal of [0, 3, 8]) {
    await expect(store(fatal)).rejects.toMatchObject(ended);
    expect(await files()).toBe(0);
  }
  await store();
  expect(await files()).toBe(1);
  await hashThreads.close();
});

test("a process waits for a digest, and not for a thread that has nothing to do", async () => {
  const built = fileURLToPath(new URL("../../dist/hashing/hash-threads.js", import.meta.url));
  const script = `
    import { HashThreads } from ${JSON.stringify(pathToFileURL(built).href)};
    const hash = new HashThreads().begin("CRC32");
    await hash.update(Buffer.from(new SharedArrayBuffer(8 * 1024 * 1024)));
    console.log(Buffer.from((await hash.digest()).checksum).toString("hex"));`;
  const run = promisify(execFile);
  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", script]);
  const expected = createChecksum("CRC32");
  expected.update(Buffer.alloc(8 * 1024 * 1024));
  expect(stdout).toBe(`${expected.digest().toString("hex")}\n`);
});
