import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { Dice, inPieces, someAnswer } from "./answers.test.support.ts";
import { headBytesMax } from "./answer-head.ts";
import { nodeReading } from "./node-reading.test.support.ts";
import { readAnswer, type Reading } from "./read-answer.test.support.ts";

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now() % 2 ** 31);
const cases = Number(process.env["HOLDFAST_ANSWERS"] ?? 4_000);

/** How two readings of the same bytes may not differ; undefined where they agree, or ours refuses what is in doubt. */
function disagreement(ours: Reading, nodes: Reading): string | undefined {
  if (ours.outcome === "refused") return undefined;
  // Nothing was taken for an answer then, or the same beginning of one; Node sees sooner that it cannot end well.
  const isCut = ours.outcome === "short" && nodes.outcome !== "whole";
  if (isCut && (ours.status ?? nodes.status) === nodes.status) return undefined;
  if (ours.outcome !== nodes.outcome) return `${ours.outcome} where Node has ${nodes.outcome}`;
  if (ours.status !== nodes.status) return "another status";
  if (ours.body !== nodes.body) return "another body";
  return isDeepStrictEqual({ ...ours.headers }, { ...nodes.headers }) ? undefined : "other headers";
}

test(`what is taken for an answer is taken for the same one by Node's own parser (HOLDFAST_SEED=${seed})`, async () => {
  const dice = new Dice(seed);
  const outcomes = new Map<string, number>();
  const stricter = new Map<string, number>();
  for (let count = 0; count < cases; count += 1) {
    const bytes = someAnswer(dice);
    const method = dice.of(["GET", "GET", "PUT", "HEAD"]);
    const pieces = inPieces(bytes, dice);
    const ours = readAnswer(pieces, method);
    const nodes = await nodeReading(pieces, method);
    const wrong = disagreement(ours, nodes);
    expect.soft(wrong, `${method} ${JSON.stringify(bytes.toString("latin1"))}`).toBe(undefined);
    outcomes.set(ours.outcome, (outcomes.get(ours.outcome) ?? 0) + 1);
    if (ours.outcome === "refused" && nodes.outcome !== "refused") {
      const why = ours.why ?? "";
      stricter.set(why, (stricter.get(why) ?? 0) + 1);
    }
  }
  console.log(`${cases} answers: ${JSON.stringify(Object.fromEntries(outcomes))}`);
  console.log(
    `refused though Node takes them: ${JSON.stringify(Object.fromEntries(stricter), null, 1)}`,
  );
  expect(outcomes.get("whole")).toBeGreaterThan(cases / 10);
  expect(outcomes.get("refused")).toBeGreaterThan(cases / 10);
}, 600_000);

test("however an answer is cut in two, or into bytes, it is the same answer", () => {
  const dice = new Dice(seed);
  let read = 0;
  for (let count = 0; count < 300; count += 1) {
    const bytes = someAnswer(dice);
    const { isFollowed: _, pieces: _p, ...once } = readAnswer([bytes], "GET");
    const ways: Buffer[][] = [[...bytes].map((byte) => Buffer.from([byte]))];
    for (let at = 1; at < bytes.length; at += 1) {
      ways.push([bytes.subarray(0, at), bytes.subarray(at)]);
    }
    for (const pieces of ways) {
      // What follows an answer may come later than its end.
      const { isFollowed: __, pieces: __p, ...cut } = readAnswer(pieces, "GET");
      if (once.outcome === "refused") expect(cut.outcome).toBe("refused");
      else expect(cut).toEqual(once);
      read += 1;
    }
  }
  console.log(`${read} readings of 300 answers (HOLDFAST_SEED=${seed})`);
});

const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";

test.each([
  ["two lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 1\r\n\r\na"],
  ["a list of lengths", "HTTP/1.1 200 OK\r\nContent-Length: 1, 1\r\n\r\na"],
  ["a length with a sign", "HTTP/1.1 200 OK\r\nContent-Length: +1\r\n\r\na"],
  ["a length with a leading zero", "HTTP/1.1 200 OK\r\nContent-Length: 01\r\n\r\na"],
  ["a length beyond exact numbers", "HTTP/1.1 200 OK\r\nContent-Length: 9007199254740993\r\n\r\n"],
  ["no length in digits", "HTTP/1.1 200 OK\r\nContent-Length: \r\n\r\n"],
  ["a length and chunks", `${chunked.slice(0, -2)}Content-Length: 1\r\n\r\n0\r\n\r\n`],
  // Node's parser takes neither: its body would end elsewhere.
  ["a tab behind its length", "HTTP/1.1 200 OK\r\nContent-Length: 2\t\r\n\r\nok"],
  ["a tab behind its coding", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n"],
  ["two codings", "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n"],
  ["a coding unknown", "HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\n\r\n"],
  ["chunks in HTTP/1.0", "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n"],
  ["a folded line", "HTTP/1.1 200 OK\r\nX: a\r\n b\r\nContent-Length: 0\r\n\r\n"],
  ["a bare line feed", "HTTP/1.1 200 OK\nContent-Length: 0\r\n\r\n"],
  ["a bare carriage return", "HTTP/1.1 200 OK\r\nX: a\rb\r\nContent-Length: 0\r\n\r\n"],
  ["a NUL", "HTTP/1.1 200 OK\r\nX: a\0\r\nContent-Length: 0\r\n\r\n"],
  ["a space before a colon", "HTTP/1.1 200 OK\r\nContent-Length : 0\r\n\r\n"],
  ["another protocol", "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
  ["a size with a sign", `${chunked}-1\r\n\r\n`],
  ["a size in C's notation", `${chunked}0x1\r\na\r\n0\r\n\r\n`],
  ["a size of 14 digits", `${chunked}00000000000001\r\na\r\n0\r\n\r\n`],
  ["a size that ends in a bare line feed", `${chunked}1\na\r\n0\r\n\r\n`],
  ["a chunk longer than its size", `${chunked}1\r\nab\r\n0\r\n\r\n`],
  ["an extension of 2 KiB", `${chunked}1;a=${"b".repeat(2_048)}\r\na\r\n0\r\n\r\n`],
  ["a trailer of 9 KiB", `${chunked}0\r\n${`X: ${"b".repeat(900)}\r\n`.repeat(10)}\r\n`],
  ["a head of over 16 KiB", `HTTP/1.1 200 OK\r\nX: ${"b".repeat(headBytesMax)}\r\n\r\n`],
  ["1,101 fields", `HTTP/1.1 200 OK\r\n${"X: b\r\n".repeat(1_101)}\r\n`],
  ["101 informational answers", "HTTP/1.1 103 Early Hints\r\n\r\n".repeat(101)],
])("an answer with %s is refused, whole or in bytes", (_, text) => {
  const bytes = Buffer.from(text, "latin1");
  expect(readAnswer([bytes], "GET").outcome).toBe("refused");
  const pieces = [...bytes].map((byte) => Buffer.from([byte]));
  expect(readAnswer(pieces, "GET").outcome).toBe("refused");
});

test.each(["SSH-2.0-OpenSSH_9.2", "HTTP/1.1 200 OK\n", "HTTP/1.1 200 OK\r\nX: \0", "HTTP/2"])(
  "what cannot become an answer any more is refused before its end: %j",
  (text) => {
    expect(readAnswer([Buffer.from(text)], "GET").outcome).toBe("refused");
  },
);

test("a body of ten thousand chunks of a byte is given in one piece for each time that it was read from", () => {
  const bytes = Buffer.from(`${chunked}${"1\r\na\r\n".repeat(10_000)}0\r\n\r\n`);
  const reads = Array.from({ length: 4 }, (_, i) => bytes.subarray(i * 16_384, (i + 1) * 16_384));
  const reading = readAnswer(reads, "GET");
  expect(reading.body).toBe("a".repeat(10_000));
  expect(reading.pieces).toBe(4);
});

test("an answer to HEAD, 204 and 304 have no body whatever they say", () => {
  const said = "Content-Length: 5\r\n\r\n";
  for (const [method, status] of [
    ["HEAD", 200],
    ["GET", 204],
    ["GET", 304],
  ] as const) {
    const reading = readAnswer([Buffer.from(`HTTP/1.1 ${status} x\r\n${said}`)], method);
    expect(reading).toMatchObject({ outcome: "whole", body: "", keeps: status !== 204 });
  }
});

test("a connection is kept only where the answer has an end of its own, in HTTP/1.1, and nobody says otherwise", () => {
  const keeps = (text: string): unknown => readAnswer([Buffer.from(text)], "GET").keeps;
  expect(keeps("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")).toBe(true);
  expect(keeps(`${chunked}0\r\n\r\n`)).toBe(true);
  expect(keeps("HTTP/1.1 200 OK\r\n\r\nbody")).toBe(false);
  expect(keeps("HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n")).toBe(false);
  expect(keeps("HTTP/1.1 200 OK\r\nConnection: a , CLOSE\r\nContent-Length: 0\r\n\r\n")).toBe(
    false,
  );
  expect(keeps("HTTP/1.1 200 OK\r\nConnection: closed\r\nContent-Length: 0\r\n\r\n")).toBe(true);
});
