import { createHash, randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, onTestFinished, test } from "vitest";
import { S3IntegrityError, S3NotFoundError, download } from "@holdfast/client";
import { answer, brokenAnswer, refusal, type ReceivedRequest, type Reply } from "@holdfast/lab";
import { failureOf, mebibyte, service, stepOf, stepsOf } from "./service.ts";

const target = { bucket: "bucket", key: "object" };

function folder(): string {
  const made = mkdtempSync(join(tmpdir(), "holdfast-download-"));
  onTestFinished(() => rmSync(made, { recursive: true }));
  return made;
}

const object = randomBytes(3 * mebibyte);
const etag = createHash("md5").update(object).digest("hex");

function crcOf(bytes: Buffer): string {
  const digest = Buffer.alloc(4);
  digest.writeUInt32BE(crc32(bytes));
  return digest.toString("base64");
}

interface Served {
  readonly bytes: Buffer;
  readonly etag: string;
  readonly checksum?: string | undefined;
}

/** What the headers say of an object. */
function headersOf({ etag: tag, checksum }: Served): Record<string, string | undefined> {
  return {
    ETag: `"${tag}"`,
    "x-amz-checksum-crc32": checksum,
    "x-amz-checksum-type": checksum === undefined ? undefined : "FULL_OBJECT",
  };
}

function startOf({ headers }: ReceivedRequest): number | undefined {
  const [, start] = /^bytes=(\d+)-/.exec(headers.get("range") ?? "") ?? [];
  return start === undefined ? undefined : Number(start);
}

/** Answers as S3 does to a HEAD and a GET with Range and If-Match. */
function serve(request: ReceivedRequest, served: Served): Reply {
  const { bytes, etag: tag } = served;
  const headers = headersOf(served);
  if (stepOf(request) === "head") {
    return answer({
      headers: { ...headers, "Content-Length": String(bytes.length) },
      framing: "none",
    });
  }
  const match = request.headers.get("if-match");
  if (match !== undefined && match !== `"${tag}"`) return refusal(412, "PreconditionFailed");
  const start = startOf(request);
  if (start === undefined) return answer({ headers, body: bytes });
  const range = `bytes ${start}-${bytes.length - 1}/${bytes.length}`;
  return answer({
    status: 206,
    headers: { ...headers, "Content-Range": range },
    body: bytes.subarray(start),
  });
}

/** The same, cut off after `bytes` bytes of the body. */
function cutOff(request: ReceivedRequest, served: Served, bytes: number): Reply {
  const start = startOf(request) ?? 0;
  const { bytes: all } = served;
  const range = `bytes ${start}-${all.length - 1}/${all.length}`;
  return brokenAnswer(
    {
      status: start === 0 ? 200 : 206,
      headers: { ...headersOf(served), ...(start > 0 && { "Content-Range": range }) },
      body: all.subarray(start, start + bytes),
      length: all.length - start,
    },
    { does: "reset" },
  );
}

const plain: Served = { bytes: object, etag };
const summed: Served = { ...plain, checksum: crcOf(object) };

describe("download", () => {
  test("brings every byte, tells of its progress, and leaves nothing beside the file", async () => {
    const directory = folder();
    const file = join(directory, "file");
    writeFileSync(file, "what was there");
    const { client } = await service((request) => serve(request, summed));
    const told: number[] = [];
    const output = await download(client, {
      ...target,
      file,
      onProgress: ({ transferredBytes, totalBytes }) => {
        expect(totalBytes).toBe(object.length);
        expect(readFileSync(file, "utf8")).toBe("what was there");
        told.push(transferredBytes);
      },
    });
    expect(output).toEqual({ etag, versionId: undefined, bytes: object.length, resumedFrom: 0 });
    expect(readFileSync(file).equals(object)).toBe(true);
    expect(told.at(-1)).toBe(object.length);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("of an empty object is an empty file", async () => {
    const file = join(folder(), "file");
    const { server, client } = await service((request) =>
      serve(request, { bytes: Buffer.alloc(0), etag, checksum: crcOf(Buffer.alloc(0)) }),
    );
    await download(client, { ...target, file, resume: true });
    expect(readFileSync(file)).toHaveLength(0);
    expect(stepsOf(server)).toEqual(["head"]);
  });

  test("goes on where a connection broke, in the same object only", async () => {
    const file = join(folder(), "file");
    let cuts = 3;
    const { server, client } = await service((request) =>
      stepOf(request) === "get" && cuts-- > 0
        ? cutOff(request, summed, 500_000)
        : serve(request, summed),
    );
    const output = await download(client, { ...target, file });
    expect(output.resumedFrom).toBe(0);
    expect(readFileSync(file).equals(object)).toBe(true);
    const [, , ...again] = server.requests;
    expect(again).toHaveLength(3);
    for (const { headers } of again) expect(headers.get("if-match")).toBe(`"${etag}"`);
  });

  test("of an object that is replaced midway fails as that, and never gives a mix", async () => {
    const directory = folder();
    const other: Served = { bytes: randomBytes(object.length), etag: "0".repeat(32) };
    let gets = 0;
    const { client } = await service((request) => {
      if (stepOf(request) === "head") return serve(request, gets === 0 ? plain : other);
      gets += 1;
      return gets === 1 ? cutOff(request, plain, 1_000_000) : serve(request, other);
    });
    const file = join(directory, "file");
    const error = await failureOf(download(client, { ...target, file, resume: true }));
    expect(error).toMatchObject({ errorCode: "ModifiedDuringRead", retry: "restart" });
    // What is there of the old object is of no use to anybody.
    expect(readdirSync(directory)).toEqual([]);
    await download(client, { ...target, file, resume: true });
    expect(readFileSync(file).equals(other.bytes)).toBe(true);
  });

  test("of an object that is replaced between its head and its bytes is told as that", async () => {
    const other: Served = { bytes: object, etag: "0".repeat(32) };
    const { client } = await service((request) =>
      serve(request, stepOf(request) === "head" ? plain : other),
    );
    const file = join(folder(), "file");
    const error = await failureOf(download(client, { ...target, file }));
    expect(error).toMatchObject({ errorCode: "ModifiedDuringRead", operation: "Download" });
  });

  test("of bytes that are not those of the checksum gives no file, and keeps none of them", async () => {
    const directory = folder();
    const { client } = await service((request) =>
      serve(request, { ...plain, checksum: crcOf(Buffer.from("other")) }),
    );
    const file = join(directory, "file");
    for (const resume of [false, true]) {
      const error = await failureOf(download(client, { ...target, file, resume }));
      expect(error).toBeInstanceOf(S3IntegrityError);
      expect(readdirSync(directory)).toEqual([]);
    }
  });

  test.each([
    ["without a length in its head", { "Content-Length": undefined }, "MalformedResponse"],
    ["with a shorter one than its body", { "Content-Length": "1000" }, "MalformedResponse"],
  ])("of an object %s gives no file", async (_, headers, code) => {
    const directory = folder();
    const { client } = await service((request) =>
      stepOf(request) === "head"
        ? answer({ headers: { ...headersOf(plain), ...headers }, framing: "none" })
        : serve(request, plain),
    );
    const error = await failureOf(download(client, { ...target, file: join(directory, "file") }));
    expect(error).toMatchObject({ errorCode: code });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("aborted keeps its reason and leaves no file", async () => {
    const directory = folder();
    const controller = new AbortController();
    const { client } = await service((request) => serve(request, plain));
    const reason = new Error("enough");
    const error = await failureOf(
      download(client, {
        ...target,
        file: join(directory, "file"),
        signal: controller.signal,
        onProgress: () => controller.abort(reason),
      }),
    );
    expect(error).toMatchObject({ errorCode: "Aborted", cause: reason });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("ends with what onProgress throws as its cause", async () => {
    const directory = folder();
    const thrown = new Error("not like this");
    const onProgress = (): void => {
      throw thrown;
    };
    const { client } = await service((request) => serve(request, plain));
    const file = join(directory, "file");
    const error = await failureOf(download(client, { ...target, file, onProgress }));
    expect(error).toMatchObject({ errorCode: "Aborted", cause: thrown });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("of what is not there is NoSuchKey, and makes no file", async () => {
    const directory = folder();
    const { client } = await service(() => answer({ status: 404, framing: "none" }));
    const error = await failureOf(download(client, { ...target, file: join(directory, "file") }));
    expect(error).toBeInstanceOf(S3NotFoundError);
    expect(readdirSync(directory)).toEqual([]);
  });

  test("into a directory that is not there, or over one that is, is Node's own error", async () => {
    const directory = folder();
    const { server, client } = await service((request) => serve(request, plain));
    const missing = join(directory, "missing", "file");
    expect(await failureOf(download(client, { ...target, file: missing }))).toMatchObject({
      code: "ENOENT",
    });
    expect(stepsOf(server)).toEqual(["head"]);
    expect(await failureOf(download(client, { ...target, file: directory }))).toMatchObject({
      code: expect.stringMatching(/EISDIR|ENOTEMPTY|EEXIST/),
    });
    expect(readdirSync(directory)).toEqual([]);
  });

  test("two into the same file at once do not meet", async () => {
    const directory = folder();
    const file = join(directory, "file");
    const { client } = await service((request) => {
      const { after, steps } = serve(request, summed);
      return { after, steps: [{ does: "wait", ms: Math.random() * 30 }, ...steps] };
    });
    const both = [1, 2, 3].map(() => download(client, { ...target, file, resume: true }));
    for (const { bytes } of await Promise.all(both)) expect(bytes).toBe(object.length);
    expect(readFileSync(file).equals(object)).toBe(true);
    expect(readdirSync(directory)).toEqual(["file"]);
  });
});

describe("a download that goes on with what an earlier one left", () => {
  /** Fails after some bytes, and leaves them. */
  async function left(directory: string, served: Served, bytes = 1_000_000): Promise<string> {
    const file = join(directory, "file");
    const { client } = await service(
      (request) =>
        stepOf(request) === "get" ? cutOff(request, served, bytes) : serve(request, served),
      { attemptsMax: 1 },
    );
    await failureOf(download(client, { ...target, file, resume: true }));
    const [part = ""] = readdirSync(directory);
    expect(part).toMatch(/^file\.[0-9a-f]{16}\.\d+-[0-9a-f]{12}\.part$/);
    // How many of the bytes before a reset arrive is the network's affair.
    writeFileSync(join(directory, part), served.bytes.subarray(0, bytes));
    return join(directory, part);
  }

  test.each([
    ["with a checksum", summed],
    ["without one", plain],
  ])("asks for the rest alone, of the same object: %s", async (_, served) => {
    const directory = folder();
    const file = join(directory, "file");
    await left(directory, served);
    const { server, client } = await service((request) => serve(request, served));
    const output = await download(client, { ...target, file, resume: true });
    expect(output).toMatchObject({ resumedFrom: 1_000_000, bytes: object.length });
    const { headers } = server.requests[1] ?? {};
    expect(headers?.get("range")).toBe(`bytes=1000000-${object.length - 1}`);
    expect(headers?.get("if-match")).toBe(`"${etag}"`);
    expect(readFileSync(file).equals(object)).toBe(true);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("does not touch it if it was not told to", async () => {
    const directory = folder();
    await left(directory, plain);
    const { client } = await service((request) => serve(request, plain));
    const output = await download(client, { ...target, file: join(directory, "file") });
    expect(output.resumedFrom).toBe(0);
    expect(readdirSync(directory)).toHaveLength(2);
  });

  test("finds bytes that were tampered with by the checksum, keeps none of them, and begins anew the next time", async () => {
    const directory = folder();
    const file = join(directory, "file");
    const part = await left(directory, summed);
    const bytes = readFileSync(part);
    bytes[1234] = (bytes[1234] ?? 0) ^ 1;
    writeFileSync(part, bytes);
    const { client } = await service((request) => serve(request, summed));
    const error = await failureOf(download(client, { ...target, file, resume: true }));
    expect(error).toBeInstanceOf(S3IntegrityError);
    expect(error).toMatchObject({ errorCode: "ChecksumMismatch", operation: "Download" });
    expect(readdirSync(directory)).toEqual([]);
    const output = await download(client, { ...target, file, resume: true });
    expect(output.resumedFrom).toBe(0);
    expect(readFileSync(file).equals(object)).toBe(true);
  });

  test("of all bytes but the name asks for none, and verifies them", async () => {
    const directory = folder();
    const file = join(directory, "file");
    const part = await left(directory, summed);
    writeFileSync(part, object);
    const { server, client } = await service((request) => serve(request, summed));
    expect(await download(client, { ...target, file, resume: true })).toMatchObject({
      resumedFrom: object.length,
    });
    expect(stepsOf(server)).toEqual(["head"]);
    expect(readFileSync(file).equals(object)).toBe(true);
  });

  test("of more bytes than the object has begins anew", async () => {
    const directory = folder();
    const part = await left(directory, plain);
    writeFileSync(part, randomBytes(object.length + 1));
    const { client } = await service((request) => serve(request, plain));
    const file = join(directory, "file");
    expect(await download(client, { ...target, file, resume: true })).toMatchObject({
      resumedFrom: 0,
    });
    expect(readFileSync(file).equals(object)).toBe(true);
    expect(readdirSync(directory)).toEqual(["file"]);
  });

  test("of another object than is there now begins anew", async () => {
    const directory = folder();
    await left(directory, plain);
    const other: Served = { bytes: randomBytes(object.length), etag: "0".repeat(32) };
    const { client } = await service((request) => serve(request, other));
    const file = join(directory, "file");
    expect(await download(client, { ...target, file, resume: true })).toMatchObject({
      resumedFrom: 0,
    });
    expect(readFileSync(file).equals(other.bytes)).toBe(true);
  });

  test("begins anew with what a service sends that knows no ranges", async () => {
    const directory = folder();
    await left(directory, summed);
    const { client } = await service((request) => {
      const headers = new Map(request.headers);
      headers.delete("range");
      return serve({ ...request, headers }, summed);
    });
    const file = join(directory, "file");
    const output = await download(client, { ...target, file, resume: true });
    expect(output.resumedFrom).toBe(0);
    expect(readFileSync(file).equals(object)).toBe(true);
  });

  test("takes no other range than it asked for", async () => {
    const directory = folder();
    await left(directory, plain);
    const { client } = await service((request) => {
      const headers = new Map(request.headers);
      if (headers.has("range")) headers.set("range", `bytes=5-${object.length - 1}`);
      return serve({ ...request, headers }, plain);
    });
    const file = join(directory, "file");
    const error = await failureOf(download(client, { ...target, file, resume: true }));
    expect(error).toMatchObject({ errorCode: "MalformedResponse" });
    expect(readdirSync(directory)).not.toContain("file");
  });

  test("leaves alone what a running process is writing, and takes what a dead one left", async () => {
    const directory = folder();
    const file = join(directory, "file");
    const part = await left(directory, plain);
    const bytes = readFileSync(part);
    rmSync(part);
    // The first process of a system runs as long as anything does; nothing has the number of the other.
    const running = part.replace(/\.\d+-/, ".1-");
    writeFileSync(running, bytes);
    const { client } = await service((request) => serve(request, plain));
    expect(await download(client, { ...target, file, resume: true })).toMatchObject({
      resumedFrom: 0,
    });
    expect(readdirSync(directory)).toHaveLength(2);
    writeFileSync(part.replace(/\.\d+-/, ".4194305-"), bytes);
    expect(await download(client, { ...target, file, resume: true })).toMatchObject({
      resumedFrom: 1_000_000,
    });
    expect(readFileSync(running).equals(bytes)).toBe(true);
  });

  test("is taken by one of two at once", async () => {
    const directory = folder();
    const file = join(directory, "file");
    await left(directory, plain);
    const { client } = await service((request) => serve(request, plain));
    const both = [1, 2].map(() => download(client, { ...target, file, resume: true }));
    const outputs = await Promise.all(both);
    expect(outputs.map(({ resumedFrom }) => resumedFrom).toSorted((a, b) => a - b)).toEqual([
      0, 1_000_000,
    ]);
    expect(readFileSync(file).equals(object)).toBe(true);
    expect(readdirSync(directory)).toEqual(["file"]);
  });
});
