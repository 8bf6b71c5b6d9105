import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { S3Error } from "../errors/s3-error.ts";
import { ChunkChain } from "../sigv4/chunk-chain.ts";
import { ChunkVerifier } from "../sigv4/chunk-verifier.ts";
import { credentialScope } from "../sigv4/credential-scope.ts";
import { ChunkedDecoder } from "./chunked-decoder.ts";
import { ChunkedEncoder, chunkedLength } from "./chunked-encoder.ts";

type Mode = "signed" | "signed-trailer" | "unsigned-trailer";

const newChain = (): ChunkChain =>
  new ChunkChain({
    key: Buffer.alloc(32, "k"),
    amzDate: "20130524T000000Z",
    scope: credentialScope("20130524", "us-east-1"),
    seed: "0".repeat(64),
  });

const trailers = new Map([["x-amz-checksum-crc32", "sOO8/Q=="]]);
const hasTrailer = (mode: Mode): boolean => mode !== "signed";
const isSigned = (mode: Mode): boolean => mode !== "unsigned-trailer";

function encode(payload: Buffer, options: { mode: Mode; chunkBytes: number }): Buffer {
  const { mode, chunkBytes } = options;
  const chain = isSigned(mode) ? { chain: newChain() } : {};
  const encoder = new ChunkedEncoder({ ...chain, trailer: hasTrailer(mode), chunkBytes });
  return Buffer.concat([
    ...encoder.write(payload),
    ...encoder.end(hasTrailer(mode) ? trailers : undefined),
  ]);
}

function decode(
  pieces: readonly Buffer[],
  options: { mode: Mode; decodedLength: number; announced?: readonly string[] },
): { payload: Buffer; trailers: ReadonlyMap<string, string> } {
  const { mode, decodedLength, announced = hasTrailer(mode) ? [...trailers.keys()] : [] } = options;
  const signer = isSigned(mode) ? { signer: new ChunkVerifier(newChain(), "AKID") } : {};
  const decoder = new ChunkedDecoder({
    ...signer,
    trailer: hasTrailer(mode),
    decodedLength,
    announced,
  });
  const payload = pieces.flatMap((piece) => decoder.write(piece));
  return { trailers: decoder.end(), payload: Buffer.concat(payload) };
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (S3Error.is(error)) return error.code;
    throw error;
  }
  return "accepted";
}

function split(wire: Buffer, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (wire.length + 1)), wire.length].toSorted(
    (a, b) => a - b,
  );
  return places.slice(1).map((end, index) => wire.subarray(places[index], end));
}

const modes = fc.constantFrom<Mode>("signed", "signed-trailer", "unsigned-trailer");
const payloads = fc.integer({ min: 0, max: 30_000 }).map((length) => {
  const payload = Buffer.alloc(length);
  for (let index = 0; index < length; index += 1)
    payload[index] = (index * 31 + (index >> 8)) & 255;
  return payload;
});
const chunkSizes = fc.integer({ min: 8192, max: 12_000 });

describe("an aws-chunked body", () => {
  test("decodes to what was encoded, in whatever pieces it comes, and is as long as foretold", () => {
    const cuts = fc.array(fc.nat(40_000), { maxLength: 20 });
    const bodies = fc.record({
      mode: modes,
      payload: payloads,
      chunkBytes: chunkSizes,
      places: cuts,
    });
    const property = fc.property(bodies, ({ mode, payload, chunkBytes, places }) => {
      const wire = encode(payload, { mode, chunkBytes });
      const shape = { signed: isSigned(mode), trailer: hasTrailer(mode), chunkBytes, trailers };
      expect(wire.length).toBe(chunkedLength(payload.length, shape));
      const decoded = decode(split(wire, places), { mode, decodedLength: payload.length });
      expect(decoded.payload.equals(payload)).toBe(true);
      expect(decoded.trailers).toEqual(hasTrailer(mode) ? trailers : new Map());
    });
    fc.assert(property, { numRuns: 300 });
  });

  test.each<Mode>(["signed", "signed-trailer", "unsigned-trailer"])(
    "decodes byte by byte: %s",
    (mode) => {
      const payload = Buffer.alloc(9000, "payload");
      const wire = encode(payload, { mode, chunkBytes: 8192 });
      const pieces = Array.from(wire, (_, index) => wire.subarray(index, index + 1));
      expect(decode(pieces, { mode, decodedLength: 9000 }).payload.equals(payload)).toBe(true);
    },
  );

  test("is encoded the same, in whatever pieces the payload comes", () => {
    const cuts = fc.array(fc.nat(40_000), { maxLength: 20 });
    const property = fc.property(payloads, cuts, (payload, places) => {
      const encoder = new ChunkedEncoder({ chain: newChain(), trailer: true, chunkBytes: 8192 });
      const wire = split(payload, places).flatMap((piece) => encoder.write(piece));
      const whole = Buffer.concat([...wire, ...encoder.end(trailers)]);
      expect(whole.equals(encode(payload, { mode: "signed-trailer", chunkBytes: 8192 }))).toBe(
        true,
      );
    });
    fc.assert(property, { numRuns: 100 });
  });

  test("after any of 5,000 mutations is refused with an S3Error, or is what it was", () => {
    const edit = fc.record({
      kind: fc.constantFrom("flip", "insert", "delete", "swap", "repeat", "truncate"),
      at: fc.nat(20_000),
      length: fc.integer({ min: 1, max: 9000 }),
      byte: fc.constantFrom(
        "\r",
        "\n",
        ";",
        ":",
        "=",
        "0",
        "1",
        "9",
        "a",
        "f",
        "z",
        "A",
        "-",
        " ",
        "\u0000",
        "\u00ff",
      ),
    });
    const payload = Buffer.alloc(17_000, "the bytes of an object; ");
    const wires = new Map<Mode, Buffer>();
    for (const mode of ["signed", "signed-trailer", "unsigned-trailer"] as const) {
      wires.set(mode, encode(payload, { mode, chunkBytes: 8192 }));
    }
    const property = fc.property(
      modes,
      fc.array(edit, { minLength: 1, maxLength: 3 }),
      (mode, edits) => {
        const mutated = edits.reduce(mutate, wires.get(mode) ?? Buffer.alloc(0));
        let decoded: Buffer | undefined;
        const code = codeOf(() => {
          decoded = decode([mutated], { mode, decodedLength: payload.length }).payload;
        });
        // Without signatures only the framing is held to; the gateway compares the trailer's checksum.
        const isWhole = isSigned(mode)
          ? decoded?.equals(payload)
          : decoded?.length === payload.length;
        expect(code !== "accepted" || isWhole).toBe(true);
      },
    );
    fc.assert(property, { numRuns: 5000 });
  });

  test("comes out as views of what went in", () => {
    const wire = encode(Buffer.alloc(10_000, "a"), { mode: "unsigned-trailer", chunkBytes: 8192 });
    const options = { trailer: true, decodedLength: 10_000, announced: [...trailers.keys()] };
    const pieces = new ChunkedDecoder(options).write(wire);
    expect(pieces.map(({ length }) => length)).toEqual([8192, 1808]);
    expect(pieces.every(({ buffer }) => buffer === wire.buffer)).toBe(true);
  });

  test("passes payload on before its chunk is complete", () => {
    const wire = encode(Buffer.alloc(100_000, "a"), {
      mode: "unsigned-trailer",
      chunkBytes: 100_000,
    });
    const decoder = new ChunkedDecoder({ trailer: true, decodedLength: 100_000, announced: [] });
    expect(decoder.write(wire.subarray(0, 1000))[0]?.length).toBe(1000 - "186a0\r\n".length);
  });

  test.each([
    [9, 8192],
    [8191, 8192],
  ])("is refused when a chunk of %i bytes is not the last of a signed one", (small, next) => {
    const chain = newChain();
    const [first, second] = [Buffer.alloc(small, "a"), Buffer.alloc(next, "b")];
    const one = new ChunkedEncoder({ chain, trailer: false, chunkBytes: 8192 });
    one.write(first);
    // Ended early and without its last chunk: a client whose chunks are too small.
    const head = Buffer.concat(one.end().slice(0, 3));
    const other = new ChunkedEncoder({ chain: newChain(), trailer: false, chunkBytes: 8192 });
    const wire = Buffer.concat([head, ...other.write(second), ...other.end()]);
    expect(codeOf(() => decode([wire], { mode: "signed", decodedLength: small + next }))).toBe(
      "InvalidChunkSizeError",
    );
  });

  test.each([-2, -1, 1, 2])("is refused when the decoded length is off by %i", (off) => {
    for (const mode of ["signed", "signed-trailer", "unsigned-trailer"] as const) {
      const wire = encode(Buffer.alloc(9000, "a"), { mode, chunkBytes: 8192 });
      expect(codeOf(() => decode([wire], { mode, decodedLength: 9000 + off }))).toBe(
        "IncompleteBody",
      );
    }
  });

  test("of nothing is accepted, and only in full", () => {
    const wire = encode(Buffer.alloc(0), { mode: "signed", chunkBytes: 8192 });
    expect(decode([wire], { mode: "signed", decodedLength: 0 }).payload.length).toBe(0);
    for (let length = 0; length < wire.length; length += 1) {
      const cut = wire.subarray(0, length);
      expect(codeOf(() => decode([cut], { mode: "signed", decodedLength: 0 }))).toBe(
        "IncompleteBody",
      );
    }
  });
});

function body(tail: string): Buffer[] {
  return [Buffer.from(`5\r\nhello\r\n0\r\n${tail}\r\n`)];
}

describe("trailers", () => {
  const mode = "unsigned-trailer";

  test("may be left out when none was announced", () => {
    expect(decode(body(""), { mode, decodedLength: 5, announced: [] }).trailers.size).toBe(0);
  });

  test("may have names in capitals and spaces about the value", () => {
    const tail = "X-Amz-Checksum-CRC32: sOO8/Q== \r\n";
    expect(decode(body(tail), { mode, decodedLength: 5 }).trailers).toEqual(trailers);
  });

  test.each([
    ["is missing", ""],
    ["has an empty name", ":sOO8/Q==\r\n"],
    ["has another name", "x-amz-checksum-sha1:sOO8/Q==\r\n"],
    ["has no colon", "x-amz-checksum-crc32\r\n"],
    ["has no value", "x-amz-checksum-crc32:\r\n"],
    ["comes with an unannounced one", "x-amz-checksum-crc32:sOO8/Q==\r\nx-amz-meta-a:b\r\n"],
    ["comes twice", "x-amz-checksum-crc32:sOO8/Q==\r\nx-amz-checksum-crc32:sOO8/Q==\r\n"],
    ["is __proto__", "__proto__:sOO8/Q==\r\n"],
    ["has a control character", "x-amz-checksum-crc32:sOO8\u0001/Q==\r\n"],
    [
      "is signed where nothing is",
      `x-amz-checksum-crc32:a\r\nx-amz-trailer-signature:${"0".repeat(64)}\r\n`,
    ],
  ])("are refused when one %s", (_, tail) => {
    expect(codeOf(() => decode(body(tail), { mode, decodedLength: 5 }))).toBe(
      "MalformedTrailerError",
    );
  });

  test.each([
    [[""]],
    [["a", "a"]],
    [["x-amz-trailer-signature"]],
    [["A"]],
    [Array.from({ length: 17 }, (_, n) => `a${n}`)],
  ])("cannot be announced as %j", (announced) => {
    expect(codeOf(() => decode(body(""), { mode, decodedLength: 5, announced }))).toBe(
      "MalformedTrailerError",
    );
  });

  test("must fit a line of bounded length", () => {
    const tail = `x-amz-checksum-crc32:${"a".repeat(300)}\r\n`;
    expect(codeOf(() => decode(body(tail), { mode, decodedLength: 5 }))).toBe("IncompleteBody");
  });
});

function mutate(
  wire: Buffer,
  edit: { kind: string; at: number; length: number; byte: string },
): Buffer {
  const at = wire.length === 0 ? 0 : edit.at % wire.length;
  const [before, after] = [wire.subarray(0, at), wire.subarray(at)];
  const { length } = edit;
  const byte = Buffer.from(edit.byte, "latin1");
  switch (edit.kind) {
    case "flip":
      return Buffer.concat([before, byte, after.subarray(1)]);
    case "insert":
      return Buffer.concat([before, byte, after]);
    case "delete":
      return Buffer.concat([before, after.subarray(length)]);
    case "swap":
      return Buffer.concat([
        before,
        after.subarray(length, 2 * length),
        after.subarray(0, length),
        after.subarray(2 * length),
      ]);
    case "repeat":
      return Buffer.concat([before, after.subarray(0, length), after]);
    default:
      return Buffer.from(before);
  }
}
