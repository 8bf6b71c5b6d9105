import { createHash, randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import * as fc from "fast-check";
import { chunkChain, ChunkedEncoder, payloadModes, presign, signRequest } from "@holdfast/protocol";
import { request as httpRequest } from "node:http";
import { credentials, refusalOf, region, startSubject, type Answer, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

let subject: Subject;
let target: string;
let keys = 0;
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
});
afterAll(() => subject.close());
beforeEach(() => {
  target = `/bucket/key-${(keys += 1)}`;
});

const get = (): Promise<Answer> => subject.send({ method: "GET", target });

/** Sends exactly these bytes and headers. */
function raw(headers: Record<string, string>, wire: Buffer, at = target): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const { port } = subject.gateway;
    const sent = { ...headers, "content-length": String(wire.length) };
    const options = { host: "127.0.0.1", port, method: "PUT", path: at, headers: sent };
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

interface Chunked {
  readonly body: Buffer;
  readonly chunkBytes?: number;
  readonly trailers?: ReadonlyMap<string, string>;
  readonly declared?: number;
  /** Changes what goes over the wire after it was signed. */
  readonly spoil?: (wire: Buffer) => Buffer;
}

/** A PUT in signed chunks, with a signed trailer section when there are trailers. */
function putChunked({
  body,
  chunkBytes = 8192,
  trailers,
  declared,
  spoil,
}: Chunked): Promise<Answer> {
  const mode =
    trailers === undefined ? payloadModes.signedChunks : payloadModes.signedChunksTrailer;
  const now = Date.now();
  const headers = signRequest(
    {
      method: "PUT",
      target,
      headers: {
        host: `127.0.0.1:${subject.gateway.port}`,
        "content-encoding": "aws-chunked",
        "x-amz-decoded-content-length": String(declared ?? body.length),
        ...(trailers === undefined ? {} : { "x-amz-trailer": [...trailers.keys()].join(",") }),
      },
    },
    { credentials, region, now, payload: mode },
  );
  const chain = chunkChain(headers, { credentials, region, now });
  const encoder = new ChunkedEncoder({ chain, trailer: trailers !== undefined, chunkBytes });
  const wire = Buffer.concat([...encoder.write(body), ...encoder.end(trailers)]);
  return raw(headers, spoil?.(wire) ?? wire);
}

const sha256Trailer = (body: Buffer): ReadonlyMap<string, string> =>
  new Map([["x-amz-checksum-sha256", createHash("sha256").update(body).digest("base64")]]);

test("any body in signed chunks of any size is stored as it was", async () => {
  const property = fc.asyncProperty(
    fc.integer({ min: 0, max: 100_000 }),
    fc.integer({ min: 8192, max: 40_000 }),
    fc.boolean(),
    async (size, chunkBytes, hasTrailer) => {
      const body = randomBytes(size);
      const trailers = hasTrailer ? { trailers: sha256Trailer(body) } : {};
      const answer = await putChunked({ body, chunkBytes, ...trailers });
      expect(answer.status).toBe(200);
      expect((await get()).body.equals(body)).toBe(true);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

const body = randomBytes(20_000);
const flip = (wire: Buffer, at: number): Buffer => {
  const copy = Buffer.from(wire);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
};
const edit = (wire: Buffer, from: RegExp, to: string): Buffer =>
  Buffer.from(wire.toString("latin1").replace(from, to), "latin1");

test.each<[string, Omit<Chunked, "body">, number, string]>([
  ["a flipped bit", { spoil: (wire) => flip(wire, 5000) }, 401, "SignatureDoesNotMatch"],
  ["a wrong chunk signature", { spoil: (wire) => edit(wire, /signature=./, "signature=g") }, 400, "IncompleteBody"],
  ["a chunk without a signature", { spoil: (wire) => edit(wire, /;chunk-signature=[0-9a-f]{64}/, "") }, 400, "IncompleteBody"],
  ["a short signature", { spoil: (wire) => edit(wire, /(signature=[0-9a-f]{60})[0-9a-f]{4}/, "$1") }, 400, "IncompleteBody"],
  ["a bad size", { spoil: (wire) => edit(wire, /^2000/, "2x00") }, 400, "IncompleteBody"],
  ["a wrong separator", { spoil: (wire) => edit(wire, /;/, ":") }, 400, "IncompleteBody"],
  ["a chunk without its end", { spoil: (wire) => edit(wire, /\r\n(?=2000;|e20;)/, "xx") }, 400, "IncompleteBody"],
  ["no last chunk", { spoil: (wire) => wire.subarray(0, wire.lastIndexOf("0;chunk")) }, 400, "IncompleteBody"],
  ["no end after the last chunk", { spoil: (wire) => wire.subarray(0, -2) }, 400, "IncompleteBody"],
  ["bytes behind the end", { spoil: (wire) => Buffer.concat([wire, Buffer.from("x")]) }, 400, "IncompleteBody"],
  ["a length that is too short", { declared: 19_998 }, 400, "IncompleteBody"],
  ["a length that is too long", { declared: 20_002 }, 400, "IncompleteBody"],
  ["a wrong checksum in the trailer", { trailers: sha256Trailer(Buffer.from("x")) }, 400, "BadDigest"],
  ["a trailer that was changed", { trailers: sha256Trailer(body), spoil: (wire) => edit(wire, /sha256:./, "sha256:*") }, 401, "SignatureDoesNotMatch"],
])("of a body with %s nothing is stored", async (...row) => {
  const [, rest, status, code] = row;
  const answer = await putChunked({ body, ...rest });
  const refusal = refusalOf(answer);
  expect((await get()).status).toBe(404);
  expect(refusal).toMatchObject({ status, Code: code });
}); // prettier-ignore

test("a body that is cut off anywhere is not stored", async () => {
  const property = fc.asyncProperty(
    fc.double({ min: 0, max: 0.9999, noNaN: true }),
    async (part) => {
      const spoil = (wire: Buffer): Buffer => wire.subarray(0, Math.floor(wire.length * part));
      const trailers = sha256Trailer(body);
      expect((await putChunked({ body, trailers, spoil })).status).toBe(400);
      expect((await get()).status).toBe(404);
    },
  );
  await fc.assert(property, { numRuns: 60 });
});

test("a presigned PUT stores, and a presigned GET with overrides reads", async () => {
  const options = { credentials, region, now: Date.now(), expiresSeconds: 60 };
  const headers = { host: `127.0.0.1:${subject.gateway.port}` };
  const key = "/bucket/%C3%BC%20%F0%9F%98%80";
  const put = presign({ method: "PUT", target: key, headers }, options);
  expect((await raw(headers, Buffer.from("presigned"), put)).status).toBe(200);
  const query = `${key}?response-content-type=text%2Fhtml`;
  const url = presign({ method: "GET", target: query, headers }, options);
  const answer = await fetch(`${subject.gateway.endpoint}${url}`);
  expect(await answer.text()).toBe("presigned");
  expect(answer.headers.get("content-type")).toBe("text/html");
});
