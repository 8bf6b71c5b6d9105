import { below, pick, type Random } from "./random.ts";
import {
  chunkedBody,
  headOf,
  presigned,
  signed,
  toBytes,
  withHeaders,
  without,
  type RawHeader,
  type RawRequest,
  type Wanted,
} from "./raw-request.ts";

/** Bytes for one connection, in the pieces in which they are written. */
export interface FuzzCase {
  readonly kind: string;
  readonly pieces: readonly Buffer[];
}

type Make = (random: Random, port: number) => readonly Buffer[];

const lengths = [
  "0",
  "1",
  "5",
  "-1",
  "+5",
  "0x5",
  "5, 5",
  "5,6",
  "1e3",
  "99999999999999999999",
  "",
];
const codings = [
  "chunked",
  "identity",
  "gzip, chunked",
  "chunked, identity",
  "xchunked",
  "Chunked",
];
const chunkSizes = [
  "FFFFFFFFFFFFFFFF",
  "7FFFFFFFFFFFFFFF",
  "20000000000000",
  "-1",
  "0x5",
  " 5",
  "",
];
const targets = [
  "/",
  "/fuzzed",
  "/fuzzed?list-type=2&max-keys=3",
  "/fuzzed?uploads",
  "/fuzzed/key",
  "/fuzzed/key?uploads",
  "/fuzzed/key?uploadId=x&partNumber=1",
  "/fuzzed?delete",
  "/fuzzed/%2e%2e/%2e%2e/etc",
  "/missing/key",
] as const;
const methods = ["GET", "PUT", "HEAD", "POST", "DELETE", "OPTIONS", "PATCH"] as const;

/** Requests that mean something, so that what is wrong with them is found deep inside. */
const sensible = [
  ["GET", "/"],
  ["GET", "/fuzzed?list-type=2&max-keys=3"],
  ["GET", "/fuzzed/key"],
  ["HEAD", "/fuzzed/key"],
  ["PUT", "/fuzzed/key"],
  ["DELETE", "/fuzzed/key"],
  ["POST", "/fuzzed?delete"],
  ["POST", "/fuzzed/key?uploads"],
  ["POST", "/fuzzed/key?uploadId=x"],
  ["PUT", "/fuzzed/key?uploadId=x&partNumber=1"],
] as const;

function methodAndTarget(random: Random): readonly [method: string, target: string] {
  return random() < 0.7 ? pick(random, sensible) : [pick(random, methods), pick(random, targets)];
}

/** A request that would be obeyed if anybody read the bytes of a body as a request. */
function canary(random: Random, port: number): Buffer {
  const target = `/fuzzed/canary-${below(random, 1_000_000)}`;
  return toBytes(signed({ port, method: "PUT", target, body: "sung" }));
}

function honest(random: Random, port: number): RawRequest {
  const [method, target] = methodAndTarget(random);
  const body = method === "PUT" || method === "POST" ? canary(random, port) : "";
  const wanted: Wanted = { port, method, target, body };
  const dice = random();
  if (dice < 0.2) return presigned(wanted);
  if (dice < 0.4) return signed({ ...wanted, payload: "UNSIGNED-PAYLOAD" });
  return signed(wanted);
}

function mutated(random: Random, bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  const at = below(random, copy.length);
  const dice = random();
  if (dice < 0.4) {
    for (let index = 0; index <= below(random, 3); index++) {
      copy[below(random, copy.length)] = below(random, 256);
    }
    return copy;
  }
  if (dice < 0.6)
    return Buffer.concat([copy.subarray(0, at), copy.subarray(at + below(random, 9))]);
  const extra = pick(random, [
    "\r\n",
    "\n",
    "\0",
    "\r",
    " ",
    ":",
    "%",
    "\r\n\r\n",
    "\t",
    "\u00ff",
    "0",
  ]);
  if (dice < 0.8)
    return Buffer.concat([copy.subarray(0, at), Buffer.from(extra, "latin1"), copy.subarray(at)]);
  const from = below(random, copy.length);
  return Buffer.concat([
    copy.subarray(0, at),
    copy.subarray(from, from + below(random, 60)),
    copy.subarray(at),
  ]);
}

/** Only heads are mutated here, for a canary that is cut free by a new length is a request. */
const mutatedRequest: Make = (random, port) => {
  const [method, target] = methodAndTarget(random);
  const bodies = ["<Delete><Object><Key>a</Key></Object></Delete>", "plain", ""];
  const body = method === "PUT" || method === "POST" ? pick(random, bodies) : "";
  const make = random() < 0.3 ? presigned : signed;
  return [mutated(random, toBytes(make({ port, method, target, body })))];
};

const bothLengths: Make = (random, port) => {
  const bare = without(honest(random, port), "content-length");
  const length: RawHeader = ["Content-Length", pick(random, lengths)];
  const coding: RawHeader = ["Transfer-Encoding", pick(random, codings)];
  const headers = pick(random, [
    [length, coding],
    [coding, length],
    [length, length],
    [coding, coding],
  ]);
  const twice = pick(random, ["7", "70"]);
  const framing =
    headers[0] === headers[1] ? [length, ["content-length", twice] as const] : headers;
  return [headOf(withHeaders(bare, ...framing)), canary(random, port)];
};

const oddChunks: Make = (random, port) => {
  const method = pick(random, ["PUT", "POST"]);
  const request = signed({
    port,
    method,
    target: pick(random, targets),
    payload: "UNSIGNED-PAYLOAD",
  });
  const head = headOf(
    withHeaders(without(request, "content-length"), ["Transfer-Encoding", "chunked"]),
  );
  const size = pick(random, chunkSizes);
  const body = pick(random, [
    chunkedBody(canary(random, port)),
    Buffer.concat([Buffer.from(`${size}\r\n`), canary(random, port)]),
    mutated(random, chunkedBody("some bytes of a chunk")),
    chunkedBody("x", `;${"a=b;".repeat(below(random, 5000))}`),
  ]);
  return [head, body];
};

/** The framing of S3's own within a body of the right length. */
const awsChunks: Make = (random, port) => {
  const bytes = Buffer.alloc(below(random, 300), "x");
  const frames = pick(random, [
    chunkedBody(bytes),
    mutated(random, chunkedBody(bytes)),
    Buffer.from(`${pick(random, chunkSizes)}\r\n${bytes.toString()}`),
    Buffer.concat([chunkedBody(bytes), canary(random, port)]),
    chunkedBody(bytes, `;chunk-signature=${"0".repeat(64)}`),
  ]);
  const payload = pick(random, [
    "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
    "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  ]);
  const headers: Record<string, string> = {
    "content-encoding": "aws-chunked",
    "x-amz-decoded-content-length": pick(random, [String(bytes.length), "1", "9".repeat(15), "x"]),
    ...(random() < 0.5 ? { "x-amz-trailer": "x-amz-checksum-crc32" } : {}),
  };
  const target = "/fuzzed/key";
  return [toBytes(signed({ port, method: "PUT", target, body: frames, payload, headers }))];
};

const documents: readonly ((random: Random) => string)[] = [
  () => `<!DOCTYPE a [<!ENTITY x "${"y".repeat(50)}">]><Delete>&x;&x;</Delete>`,
  () => '<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Delete>&x;</Delete>',
  (random) => "<a>".repeat(1 + below(random, 20_000)),
  (random) => `<Delete>${"&#65;".repeat(below(random, 20_000))}</Delete>`,
  (random) => `<Delete>${"<Object><Key>k</Key></Object>".repeat(below(random, 1500))}</Delete>`,
  (random) => `<${"n".repeat(below(random, 30_000))}/>`,
  (random) => `<a ${"b='c' ".repeat(below(random, 3000))}/>`,
  () => "<Delete><Object><Key>toString</Key></Object><__proto__/></Delete>",
  () =>
    "<CompleteMultipartUpload><Part><PartNumber>1e9</PartNumber></Part></CompleteMultipartUpload>",
  () => "<Delete><![CDATA[x]]></Delete><Delete/>",
  () => "\ufeff<?xml version='1.1' encoding='UTF-7'?><Delete/>",
  () => "<Delete><Object><Key>&#0;&#xD800;&#x110000;</Key></Object></Delete>",
];

const hostileXml: Make = (random, port) => {
  const text = Buffer.from(pick(random, documents)(random));
  const body = random() < 0.3 && text.length > 0 ? mutated(random, text) : text;
  const target = pick(random, ["/fuzzed?delete", "/fuzzed/key?uploadId=x", "/fuzzed-2"]);
  const method = target === "/fuzzed-2" ? "PUT" : "POST";
  const headers = { "x-amz-checksum-crc32": "AAAAAA==" };
  return [toBytes(signed({ port, method, target, body, ...(random() < 0.5 ? { headers } : {}) }))];
};

const splitRequest: Make = (random, port) => {
  const bytes = toBytes(honest(random, port));
  const cuts = Array.from({ length: 1 + below(random, 5) }, () => below(random, bytes.length));
  const edges = [0, ...cuts.toSorted((a, b) => a - b), bytes.length];
  return edges.slice(1).map((edge, index) => bytes.subarray(edges[index], edge));
};

const pipelinedPair: Make = (random, port) => [
  Buffer.concat([toBytes(honest(random, port)), toBytes(honest(random, port))]),
];

const truncatedRequest: Make = (random, port) => {
  const bytes = toBytes(honest(random, port));
  return [bytes.subarray(0, 1 + below(random, bytes.length - 1))];
};

const oddHeaders: Make = (random, port) => {
  const extra: RawHeader[] = pick(random, [
    Array.from({ length: below(random, 300) }, (_, index): RawHeader => [`x-${index}`, "y"]),
    [["x-long", "y".repeat(below(random, 20_000))]],
    [
      ["__proto__", "x"],
      ["constructor", "y"],
    ],
    [["Range", pick(random, ["bytes=9-1", "bytes=-0", `bytes=${"0-1,".repeat(2000)}`, "x"])]],
    [["If-Match", pick(random, ["*", '"', "\u00ff", `"${"x".repeat(5000)}"`])]],
    [["Expect", pick(random, ["100-continue", "x"])]],
    [
      ["Connection", pick(random, ["close", "keep-alive", "upgrade", "content-length"])],
      ["Upgrade", "h2c"],
    ],
    [["x-amz-copy-source", pick(random, ["/a/b", "../..", "%", "", "arn:x", "/fuzzed/%ff"])]],
  ]);
  return [toBytes(withHeaders(honest(random, port), ...extra))];
};

const garbage: Make = (random) => [
  Buffer.from(Array.from({ length: 1 + below(random, 300) }, () => below(random, 256))),
];

const kinds: readonly (readonly [name: string, share: number, make: Make])[] = [
  ["a request with a few bytes changed", 30, mutatedRequest],
  ["a pipelined pair", 12, pipelinedPair],
  ["a request in pieces", 10, splitRequest],
  ["two lengths, or a length and a coding", 10, bothLengths],
  ["odd chunks", 8, oddChunks],
  ["odd aws-chunks", 8, awsChunks],
  ["hostile XML", 8, hostileXml],
  ["odd headers", 8, oddHeaders],
  ["half a request", 4, truncatedRequest],
  ["random bytes", 2, garbage],
];

/** One case, as the dice fall. */
export function fuzzCase(random: Random, port: number): FuzzCase {
  let dice = below(
    random,
    kinds.reduce((sum, [, share]) => sum + share, 0),
  );
  for (const [kind, share, make] of kinds) {
    if (dice < share) return { kind, pieces: make(random, port) };
    dice -= share;
  }
  throw new RangeError("no kind");
}
