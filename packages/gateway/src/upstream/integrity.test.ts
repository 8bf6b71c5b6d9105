import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { request as httpRequest } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { createChecksum, openEngine, type OpenEngine } from "@holdfast/engine";
import { chunkChain, ChunkedDecoder, ChunkedEncoder, payloadModes, signRequest } from "@holdfast/protocol"; // prettier-ignore
import { rootControl } from "../access/root-control.ts";
import { startGateway } from "../gateway.ts";
import type { Gateway } from "../options.ts";
import { credentials, refusalOf, region, type Answer } from "../s3-subject.test.support.ts";
import { startFront, startRawUpstream, until, type Front, type RawUpstream } from "./front.test.support.ts"; // prettier-ignore

/** Sends exactly these bytes behind exactly these headers. */
function raw(front: Front, headers: Record<string, string>, wire: Buffer): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = front.gateway;
    const sent = { ...headers, "content-length": String(wire.length) };
    const options = { host: "127.0.0.1", port, method: "PUT", path: target, headers: sent };
    const request = httpRequest(options, (response) => {
      const pieces: Buffer[] = [];
      response.on("data", (piece: Buffer) => pieces.push(piece));
      response.on("end", () => {
        const { statusCode: status = 0, headers: answered, rawHeaders } = response;
        resolve({ status, headers: answered, rawHeaders, body: Buffer.concat(pieces) });
      });
    });
    request.on("error", reject);
    request.end(wire);
  });
}

const target = "/bucket/key";
const body = randomBytes(300_000);
const crc32 = (bytes: Buffer): string => {
  const crc = createChecksum("CRC32");
  crc.update(bytes);
  return crc.digest().toString("base64");
};
const sha256 = (bytes: Buffer): string => createHash("sha256").update(bytes).digest("hex");
const md5 = (bytes: Buffer): string => createHash("md5").update(bytes).digest("base64");

interface Upload {
  /** `x-amz-content-sha256`. */
  readonly mode: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly trailer?: string;
  /** What goes over the wire instead of what was signed. */
  readonly spoil?: (wire: Buffer) => Buffer;
}

/** A PUT of `body`, framed as its mode says. */
function put(front: Front, { mode, headers = {}, trailer, spoil }: Upload): Promise<Answer> {
  const isFramed = mode.startsWith("STREAMING");
  const now = Date.now();
  const framing: Record<string, string> = isFramed
    ? {
        "content-encoding": "aws-chunked,gzip",
        "x-amz-decoded-content-length": String(body.length),
        ...(trailer === undefined ? {} : { "x-amz-trailer": "x-amz-checksum-crc32" }),
      }
    : {};
  const host = `127.0.0.1:${front.gateway.port}`;
  const signed = signRequest(
    { method: "PUT", target, headers: { host, ...framing, ...headers } },
    { credentials, region, now, payload: mode },
  );
  let wire = body;
  if (isFramed) {
    const isSigned = mode !== payloadModes.unsignedChunksTrailer;
    const chain = isSigned ? { chain: chunkChain(signed, { credentials, region, now }) } : {};
    const hasTrailer = trailer !== undefined;
    const encoder = new ChunkedEncoder({ ...chain, trailer: hasTrailer, chunkBytes: 65_536 });
    const trailers = new Map(hasTrailer ? [["x-amz-checksum-crc32", trailer]] : []);
    wire = Buffer.concat([...encoder.write(body), ...encoder.end(trailers)]);
  }
  return raw(front, signed, spoil?.(wire) ?? wire);
}

const flipLast = (wire: Buffer): Buffer => {
  const copy = Buffer.from(wire);
  copy[copy.length - 400] = (copy[copy.length - 400] ?? 0) ^ 1;
  return copy;
};

type Row = readonly [name: string, upload: Upload, status: number, code: string];
const bad: readonly Row[] = [
  ["another hash than it was signed for", { mode: sha256(Buffer.from("x")) }, 400, "XAmzContentSHA256Mismatch"],
  ["a bit that was flipped on the way", { mode: sha256(body), spoil: flipLast }, 400, "XAmzContentSHA256Mismatch"],
  ["another MD5", { mode: payloadModes.unsigned, headers: { "content-md5": md5(Buffer.from("x")) } }, 400, "BadDigest"],
  ["another checksum", { mode: payloadModes.unsigned, headers: { "x-amz-checksum-crc32": crc32(Buffer.from("x")) } }, 400, "BadDigest"],
  ["a last chunk that was changed", { mode: payloadModes.signedChunks, spoil: flipLast }, 401, "SignatureDoesNotMatch"],
  ["no last chunk", { mode: payloadModes.signedChunks, spoil: (wire) => wire.subarray(0, wire.lastIndexOf("0;chunk")) }, 400, "IncompleteBody"],
  ["another checksum behind signed chunks", { mode: payloadModes.signedChunksTrailer, trailer: crc32(Buffer.from("x")) }, 400, "BadDigest"],
  ["another checksum behind it", { mode: payloadModes.unsignedChunksTrailer, trailer: crc32(Buffer.from("x")) }, 400, "BadDigest"],
  ["a bit flipped before its checksum", { mode: payloadModes.unsignedChunksTrailer, trailer: crc32(body), spoil: flipLast }, 400, "BadDigest"],
  ["another length than is declared", { mode: payloadModes.unsignedChunksTrailer, trailer: crc32(body), headers: { "x-amz-decoded-content-length": "299999" } }, 400, "IncompleteBody"],
]; // prettier-ignore

describe("a large body", () => {
  let upstream: RawUpstream;
  let front: Front;
  beforeEach(async () => {
    upstream = await startRawUpstream((seen) => {
      const look = setInterval(() => {
        if (seen.body.length < announced(seen.head)) return;
        clearInterval(look);
        seen.socket.write('HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: 0\r\n\r\n');
      }, 2);
      seen.socket.on("close", () => clearInterval(look));
    });
    front = await startFront([upstream.endpoint]);
  });
  afterEach(async () => {
    await front.close();
    await upstream.close();
  });

  const announced = (head: string): number =>
    Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? Infinity);
  const header = (name: string): string | undefined =>
    new RegExp(`^${name}: (.*)\\r?$`, "im").exec(upstream.seen[0]?.head ?? "")?.[1]?.trim();

  test.each(bad)("with %s is never whole at an upstream", async (...row) => {
    const [, upload, status, code] = row;
    const answer = await put(front, upload);
    expect(refusalOf(answer)).toMatchObject({ status, Code: code });
    await until(() => upstream.seen.every(({ socket }) => socket.destroyed));
    for (const seen of upstream.seen) {
      expect(seen.socket.destroyed).toBe(true);
      expect(seen.body.length).toBeLessThan(announced(seen.head));
    }
  });

  test("goes on with the hash that its client signed", async () => {
    expect((await put(front, { mode: sha256(body) })).status).toBe(200);
    expect(header("x-amz-content-sha256")).toBe(sha256(body));
    expect(upstream.seen[0]?.body.equals(body)).toBe(true);
  });

  test("that is bound to a checksum ahead goes on unsigned, and with it", async () => {
    const headers = { "x-amz-checksum-crc32": crc32(body), "content-md5": md5(body) };
    expect((await put(front, { mode: payloadModes.signedChunks, headers })).status).toBe(200);
    expect(header("x-amz-content-sha256")).toBe(payloadModes.unsigned);
    expect(header("x-amz-checksum-crc32")).toBe(crc32(body));
    expect(header("content-md5")).toBe(md5(body));
    expect(header("content-encoding")).toBe("gzip");
    expect(header("x-amz-decoded-content-length")).toBeUndefined();
    expect(upstream.seen[0]?.body.equals(body)).toBe(true);
  });

  test("that nothing binds goes on in signed chunks, where the connection is open to all", async () => {
    expect((await put(front, { mode: payloadModes.unsigned })).status).toBe(200);
    expect(header("x-amz-content-sha256")).toBe(payloadModes.signedChunks);
    expect(unframed(false)).toEqual({ body, trailers: new Map() });
  });

  test.each([payloadModes.signedChunksTrailer, payloadModes.unsignedChunksTrailer])(
    "in %s goes on in chunks of its own, with its checksum behind it",
    async (mode) => {
      expect((await put(front, { mode, trailer: crc32(body) })).status).toBe(200);
      expect(header("x-amz-content-sha256")).toBe(payloadModes.signedChunksTrailer);
      expect(header("content-encoding")).toBe("aws-chunked,gzip");
      const trailers = new Map([["x-amz-checksum-crc32", crc32(body)]]);
      expect(unframed(true)).toEqual({ body, trailers });
    },
  );

  test("has its checksum verified here alone, where the upstream knows no trailers", async () => {
    await front.close();
    front = await startFront([upstream.endpoint], { checksumTrailers: false });
    const mode = payloadModes.unsignedChunksTrailer;
    expect((await put(front, { mode, trailer: crc32(body) })).status).toBe(200);
    expect(header("x-amz-content-sha256")).toBe(payloadModes.signedChunks);
    expect(header("x-amz-trailer")).toBeUndefined();
    expect(unframed(false)).toEqual({ body, trailers: new Map() });
  });

  /** The framing is read as a server would that does not look at signatures; a second Holdfast does, below. */
  function unframed(trailer: boolean): { body: Buffer; trailers: ReadonlyMap<string, string> } {
    const seen = upstream.seen[0]?.body.toString("latin1") ?? "";
    const unsigned = seen
      .replaceAll(/;chunk-signature=[0-9a-f]{64}/g, "")
      .replace(/x-amz-trailer-signature:[0-9a-f]{64}\r\n/, "");
    const announcedNames = trailer ? ["x-amz-checksum-crc32"] : [];
    const options = { trailer, decodedLength: body.length, announced: announcedNames };
    const decoder = new ChunkedDecoder(options);
    const pieces = decoder.write(Buffer.from(unsigned, "latin1"));
    return { body: Buffer.concat(pieces), trailers: decoder.end() };
  }
});

describe("in front of a second Holdfast", () => {
  let directory: string;
  let engine: OpenEngine;
  let far: Gateway;
  let front: Front;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), "holdfast-far-"));
    engine = await openEngine({ directory });
    await engine.createBucket("far-bucket");
    const control = rootControl({ accessKeyId: "AKIDFAR", secretAccessKey: "another secret" });
    const common = { region: "eu-far-1", statusProfile: "aws", host: "127.0.0.1", port: 0 } as const; // prettier-ignore
    far = await startGateway({ engine, control, ...common });
    front = await startFront([far.endpoint]);
  });
  afterAll(async () => {
    await front.close();
    await far.close({ graceMs: 0 });
    await engine.close();
    await rm(directory, { recursive: true });
  });

  test.each(bad)("a large body with %s is not stored", async (...row) => {
    const [, upload, status, code] = row;
    expect(refusalOf(await put(front, upload))).toMatchObject({ status, Code: code });
    expect((await front.send({ method: "GET", target })).status).toBe(404);
  });

  test.each<Upload>([
    { mode: sha256(body) },
    { mode: payloadModes.unsigned },
    { mode: payloadModes.unsigned, headers: { "x-amz-checksum-crc32": crc32(body) } },
    { mode: payloadModes.signedChunks },
    { mode: payloadModes.signedChunksTrailer, trailer: crc32(body) },
    { mode: payloadModes.unsignedChunksTrailer, trailer: crc32(body) },
  ])("a large body in $mode is stored as it was, with its checksum", async (upload) => {
    const answer = await put(front, upload);
    expect(answer.status).toBe(200);
    const got = await front.send({ method: "GET", target, headers: { "x-amz-checksum-mode": "ENABLED" } }); // prettier-ignore
    expect(got.body.equals(body)).toBe(true);
    expect(got.headers["content-encoding"]).toBe(upload.mode.startsWith("STREAMING") ? "gzip" : undefined); // prettier-ignore
    const isBound = upload.trailer !== undefined || upload.headers !== undefined;
    if (isBound) expect(got.headers["x-amz-checksum-crc32"]).toBe(crc32(body));
    await front.send({ method: "DELETE", target });
  });
});
