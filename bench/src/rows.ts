import { createHash } from "node:crypto";
import type { Exchange } from "./connection.ts";
import type { Server } from "./servers/server.ts";
import { emptyPayload, signedHead, wrongSigV2Head } from "./sign.ts";

const MIB = 1024 * 1024;

/** One question of the bench. */
export interface Row {
  readonly id: string;
  readonly asks: string;
  readonly connections: number;
  /** Least share of the limit's rate, where there is a bar. */
  readonly limitBar?: number;
  readonly statuses: readonly number[];
  /** Bytes in every answer's body, where the question fixes them. */
  readonly answerBytes?: number;
  /** Entries that the answer must list. */
  readonly listed?: number;
  /** Bytes of object that one request moves, where bytes are what is asked about. */
  readonly movedBytes?: number;
  /** What stands in the way where a bar is missed, as profiles show it. */
  readonly holdsBack: string;
  exchanges(server: Server): readonly Exchange[];
}

/** Of s3rver's rate, for every row. */
export const s3rverBar = 5;

/** How many keys the small PUTs write, and so how many the listing finds. */
const smallKeyCount = 1000;

/** What every small object holds. */
const smallBody: Buffer = createHash("shake256", { outputLength: 1024 }).digest();

/** What every large object holds, 64 times. */
export const largeBlock: Buffer = createHash("shake256", { outputLength: MIB }).digest();

const smallPayload = createHash("sha256").update(smallBody).digest("hex");

/** Reads an object, or what else the target names. */
export function get(server: Server, target: string): Exchange {
  const unsigned = { method: "GET", target, port: server.port, payload: emptyPayload };
  return { head: signedHead(unsigned, server.credential), bodiless: false };
}

function head({ port, credential }: Server, target: string): Exchange {
  const unsigned = { method: "HEAD", target, port, payload: emptyPayload };
  return { head: signedHead(unsigned, credential), bodiless: true };
}

function putSmall({ port, credential }: Server, target: string): Exchange {
  const unsigned = { method: "PUT", target, port, payload: smallPayload, length: 1024 };
  const body = { block: smallBody, count: 1 };
  return { head: signedHead(unsigned, credential), body, bodiless: false };
}

/** Writes `mib` MiB, unsigned as clients send what they cannot read twice. */
export function putLarge({ port, credential }: Server, target: string, mib: number): Exchange {
  const payload = "UNSIGNED-PAYLOAD";
  const unsigned = { method: "PUT", target, port, payload, length: mib * MIB };
  const body = { block: largeBlock, count: mib };
  return { head: signedHead(unsigned, credential), body, bodiless: false };
}

function smallKeys(): string[] {
  return Array.from(
    { length: smallKeyCount },
    (_, index) => `/bench/put/${String(index).padStart(6, "0")}`,
  );
}

function refused(server: Server): Exchange {
  const { port, credential } = server;
  const target = "/bench/refused";
  const unsigned = { method: "GET", target, port, payload: emptyPayload };
  const wrong = { ...credential, secretAccessKey: "wrong" };
  const sign = server.name === "s3rver" ? wrongSigV2Head : signedHead;
  return { head: sign(unsigned, wrong), bodiless: false };
}

/** In this order: the listing finds what the small PUTs wrote. */
export const rows: readonly Row[] = [
  {
    id: "put",
    asks: "1 KiB PUT",
    holdsBack:
      "Sixteen clients make one commit after another, and nothing goes on while its `fdatasync` and then the index take their time; s3rver syncs nothing. The rest is spread over signature, hashes of the body, log, index and socket, none above a twelfth.",
    connections: 16,
    statuses: [200],
    answerBytes: 0,
    exchanges: (server) => smallKeys().map((target) => putSmall(server, target)),
  },
  {
    id: "get",
    asks: "1 KiB GET",
    holdsBack:
      "The write to the socket is a fifth, the signature a sixth, the record of the index a tenth.",
    connections: 16,
    limitBar: 0.25,
    statuses: [200],
    answerBytes: 1024,
    exchanges: (server) => smallKeys().map((target) => get(server, target)),
  },
  {
    id: "head",
    asks: "HEAD",
    holdsBack: "As for GET.",
    connections: 16,
    statuses: [200],
    answerBytes: 0,
    exchanges: (server) => smallKeys().map((target) => head(server, target)),
  },
  {
    id: "list",
    asks: "list 1000",
    holdsBack: "A record of the index is decoded for each key, then the XML is written.",
    // With 16, s3rver answers 500 to some.
    connections: 2,
    statuses: [200],
    listed: smallKeyCount,
    exchanges: (server) => [get(server, "/bench?list-type=2&max-keys=1000&prefix=put%2F")],
  },
  {
    id: "refused",
    asks: "bad signature",
    holdsBack:
      "The signature is computed in full before it can be refused, and the error document repeats the canonical request twice, as text and as bytes: 22 µs in a loop, beside the 17 that a bare server needs for the request itself.",
    connections: 16,
    limitBar: 0.4,
    statuses: [401, 403],
    exchanges: (server) => [refused(server)],
  },
  {
    id: "put-large",
    asks: "64 MiB PUT",
    holdsBack:
      "MD5 for the ETag and CRC64NVME cost three times what taking the bytes does, on a thread that shares two cores with the rest, and the bytes are synced before the answer; s3rver computes MD5 alone and syncs nothing.",
    connections: 2,
    statuses: [200],
    answerBytes: 0,
    movedBytes: 64 * MIB,
    exchanges: (server) =>
      ["0", "1", "2", "3"].map((name) => putLarge(server, `/bench/large/${name}`, 64)),
  },
  {
    id: "get-large",
    asks: "64 MiB GET",
    holdsBack:
      "Every block is read from the file and its CRC checked before it is sent, and both pass through memory; the limit sends one block that stays in the cache.",
    connections: 2,
    limitBar: 0.6,
    statuses: [200],
    answerBytes: 64 * MIB,
    movedBytes: 64 * MIB,
    exchanges: (server) => [get(server, "/bench/large/0")],
  },
];
