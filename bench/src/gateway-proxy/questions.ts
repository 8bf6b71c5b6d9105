import { createHash } from "node:crypto";
import type { Exchange } from "../connection.ts";
import type { Server } from "../servers/server.ts";
import { emptyPayload, signedHead } from "../sign.ts";
import { objects, sizeOf, type ObjectSize } from "./objects.ts";

/** One question to what stands before an upstream. */
export interface Question {
  readonly id: string;
  readonly asks: string;
  /** Least share of nginx's requests per second and core. */
  readonly bar?: number;
  readonly statuses: readonly number[];
  /** Bytes in every answer's body, where the question fixes them. */
  readonly answerBytes?: number;
  /** Of object, in one request. */
  readonly moved?: number;
  /** What costs what it costs, as profiles show it. */
  readonly holdsBack: string;
  exchanges(server: Server): readonly Exchange[];
}

/*
 * Shares of processor time without what a start takes, as `--profile` has them: Node 20.20.2, 16 connections, an upstream that
 * answers from memory. "Writes" are the system calls that send; "Node" is its streams and its HTTP.
 */
const holdingBack = {
  "get-1k":
    "a profile has 42 % in writes, one for the answer and one for the request to the upstream, 23 % in Node, 4 % in its garbage, 11 % in signatures, 5 % in the wire to the upstream, 15 % in all else that Holdfast does",
  "put-1k":
    "a profile has 36 % in writes, 23 % in Node, 5 % in its garbage, 12 % in signatures and the body's hash, 7 % in the wire to the upstream, 17 % in all else that Holdfast does",
  "get-1m":
    "a profile has 58 % in writes, 20 % in Node, 4 % in its garbage, 18 % in what Holdfast does",
  "put-1m":
    "as 64 MiB PUT, with the start of a request and an answer for each of its sixteen pieces",
  "get-64m": "as 1 MiB GET, with less for heads",
  "put-64m":
    "a profile has 35 % in SHA-256 and signatures, for a connection without TLS vouches for no byte, so that the body goes on in chunks that are signed anew; 33 % in writes, 18 % in Node, 8 % in its garbage, 6 % in all else",
  "list-buckets":
    "the answer is made here, of all buckets that there are, and nginx makes none; its profile is that of a refusal",
  "bad-signature":
    "a profile has 38 % in Node, 23 % in the write of the answer, 12 % in garbage, 10 % in the signature, 17 % in all else that Holdfast does",
  "scope-violation": "as a bad signature",
};

/** How many keys the questions go through. */
const keyCounts: Readonly<Record<ObjectSize, number>> = { "1k": 64, "1m": 16, "64m": 4 };

const smallPayload = createHash("sha256").update(objects["1k"].piece).digest("hex");
const unsignedPayload = "UNSIGNED-PAYLOAD";

const targets = (size: ObjectSize): readonly string[] =>
  Array.from({ length: keyCounts[size] }, (_, index) => `/bench/${size}/${index}`);

function ask({ port, credential }: Server, target: string): Exchange {
  const unsigned = { method: "GET", target, port, payload: emptyPayload };
  return { head: signedHead(unsigned, credential), bodiless: false };
}

function put({ port, credential }: Server, target: string, size: ObjectSize): Exchange {
  const payload = size === "1k" ? smallPayload : unsignedPayload;
  const unsigned = { method: "PUT", target, port, payload, length: sizeOf(size) };
  const { piece, count } = objects[size];
  return { head: signedHead(unsigned, credential), body: { block: piece, count }, bodiless: false };
}

function getQuestion(size: ObjectSize, label: string, bar: number): Question {
  const id = `get-${size}` as const;
  return {
    id,
    asks: `${label} GET`,
    bar,
    statuses: [200],
    answerBytes: sizeOf(size),
    moved: sizeOf(size),
    holdsBack: holdingBack[id],
    exchanges: (server) => targets(size).map((target) => ask(server, target)),
  };
}

function putQuestion(size: ObjectSize, label: string, bar: number): Question {
  const id = `put-${size}` as const;
  return {
    id,
    asks: `${label} PUT`,
    bar,
    statuses: [200],
    answerBytes: 0,
    moved: sizeOf(size),
    holdsBack: holdingBack[id],
    exchanges: (server) => targets(size).map((target) => put(server, target, size)),
  };
}

function badSignature({ port, credential }: Server): Exchange {
  const unsigned = { method: "GET", target: "/bench/refused", port, payload: emptyPayload };
  const wrong = { ...credential, secretAccessKey: "wrong" };
  return { head: signedHead(unsigned, wrong), bodiless: false };
}

const smallBar = 0.5;
const largeBar = 0.8;

/** In the order they are asked. */
export const questions: readonly Question[] = [
  putQuestion("1k", "1 KiB", smallBar),
  getQuestion("1k", "1 KiB", smallBar),
  putQuestion("1m", "1 MiB", largeBar),
  getQuestion("1m", "1 MiB", largeBar),
  putQuestion("64m", "64 MiB", largeBar),
  getQuestion("64m", "64 MiB", largeBar),
  {
    id: "list-buckets",
    asks: "ListBuckets",
    bar: smallBar,
    statuses: [200],
    holdsBack: holdingBack["list-buckets"],
    exchanges: (server) => [ask(server, "/")],
  },
  {
    id: "bad-signature",
    asks: "bad signature",
    bar: smallBar,
    statuses: [401, 403],
    holdsBack: holdingBack["bad-signature"],
    exchanges: (server) => [badSignature(server)],
  },
  {
    id: "scope-violation",
    asks: "scope violation",
    bar: smallBar,
    statuses: [403],
    holdsBack: holdingBack["scope-violation"],
    exchanges: (server) => [ask(server, "/of-another/refused")],
  },
];
