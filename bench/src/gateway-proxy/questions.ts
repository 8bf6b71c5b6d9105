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
  return {
    id: `get-${size}`,
    asks: `${label} GET`,
    bar,
    statuses: [200],
    answerBytes: sizeOf(size),
    moved: sizeOf(size),
    holdsBack: "",
    exchanges: (server) => targets(size).map((target) => ask(server, target)),
  };
}

function putQuestion(size: ObjectSize, label: string, bar: number): Question {
  return {
    id: `put-${size}`,
    asks: `${label} PUT`,
    bar,
    statuses: [200],
    answerBytes: 0,
    moved: sizeOf(size),
    holdsBack: "",
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
    holdsBack: "",
    exchanges: (server) => [ask(server, "/")],
  },
  {
    id: "bad-signature",
    asks: "bad signature",
    bar: smallBar,
    statuses: [401, 403],
    holdsBack: "",
    exchanges: (server) => [badSignature(server)],
  },
  {
    id: "scope-violation",
    asks: "scope violation",
    bar: smallBar,
    statuses: [403],
    holdsBack: "",
    exchanges: (server) => [ask(server, "/of-another/refused")],
  },
];
