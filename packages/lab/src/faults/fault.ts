import * as v from "valibot";
import { operations, type OperationName } from "@holdfast/protocol";
import { answerSchema } from "./answer.ts";
import { bytes, count, milliseconds } from "./quantities.ts";

const operationName = v.custom<OperationName>(
  (name) => typeof name === "string" && Object.hasOwn(operations, name),
  "must be an operation, such as GetObject",
);

/** Which requests a fault befalls: those to which all of it applies. */
const match = {
  operation: v.optional(v.union([operationName, v.array(operationName)])),
  bucket: v.optional(v.string()),
  /** The whole key; `*` stands for any characters. */
  key: v.optional(v.string()),
  /** The number of a part. */
  part: v.optional(count),
  /** An access key id. */
  credential: v.optional(v.string()),
  /** How often this very request has come, this time included. */
  attempt: v.optional(count),
  /** So many of the requests it applies to are let pass first. */
  skip: v.optional(count),
  /** Of the requests it applies to, this share; the lab's seed decides which. */
  probability: v.optional(v.pipe(v.number(), v.gtValue(0), v.maxValue(1))),
  /** How many requests it befalls: one unless told, all of them with `probability`. */
  times: v.optional(v.union([count, v.literal("always")])),
};

/** What becomes of such a request. */
const effect = {
  /**
   * When: at once unless told; after so many bytes of the body, of an upload's on its way in, of a download's on its way
   * out; or once the server has done its work and before the client hears of it.
   */
  after: v.optional(v.union([v.literal("commit"), bytes])),
  /** The answer is this one. */
  then: v.optional(answerSchema),
  /** The connection is reset. */
  reset: v.optional(v.literal(true)),
  /** The connection is ended in order, as a server does that stops. */
  close: v.optional(v.literal(true)),
  /** Nothing more comes, for so many milliseconds or for good, and the connection stays. */
  stall: v.optional(v.union([v.literal(true), milliseconds])),
  /** It takes that much longer. */
  latency: v.optional(
    v.union([milliseconds, v.strictObject({ ms: milliseconds, jitter: milliseconds })]),
  ),
  /** Bytes a second, both ways. */
  bandwidth: v.optional(v.pipe(bytes, v.minValue(1))),
  /** The head of the answer comes byte by byte, so many milliseconds apart. */
  drip: v.optional(milliseconds),
  /** The byte at that place of the answer's body is another one; `true` is the first. */
  corrupt: v.optional(v.union([v.literal(true), bytes])),
  /** The answer's checksums are not those of its body. */
  checksum: v.optional(v.literal("wrong")),
  /** Is added to the length that the answer states. */
  length: v.optional(v.pipe(v.number(), v.safeInteger())),
  /** The server gets the request a second time after it answered the first. */
  duplicate: v.optional(v.literal(true)),
  /** The answer is what the same request got before, or an empty listing if it never came. */
  stale: v.optional(v.literal(true)),
};

const endings = ["then", "reset", "close", "stall"] as const;

const anyEffect = [
  ...endings,
  "latency",
  "bandwidth",
  "drip",
  "corrupt",
  "checksum",
  "length",
  "duplicate",
  "stale",
] as const;

/** Strict: a fault with a word that nobody knows would never be what was meant. */
const faultSchema = v.pipe(
  v.strictObject({ ...match, ...effect }),
  v.check(
    (fault) => anyEffect.some((name) => fault[name] !== undefined),
    `does nothing; it needs one of ${anyEffect.join(", ")}`,
  ),
  v.check(
    (fault) => endings.filter((name) => fault[name] !== undefined).length <= 1,
    `may have only one of ${endings.join(", ")}`,
  ),
  v.check(
    (fault) => fault.after === undefined || endings.some((name) => fault[name] !== undefined),
    `says when and not what; it needs one of ${endings.join(", ")}`,
  ),
);

/** A fault as it is written. */
export type Fault = v.InferInput<typeof faultSchema>;

/** A fault as it is carried out. */
export type CheckedFault = v.InferOutput<typeof faultSchema>;

/** Says what is wrong with a fault, by the path of each bad key. */
export class FaultError extends TypeError {
  override readonly name = "FaultError";
  readonly code = "InvalidFault";
}

/** Throws a `FaultError` unless it is a fault that can be carried out. */
export function checkFault(fault: unknown): CheckedFault {
  const result = v.safeParse(faultSchema, fault);
  if (result.success) return result.output;
  const issues = result.issues.map((issue) => {
    const path = v.getDotPath(issue);
    return path === null ? `the fault ${issue.message}` : `${path}: ${issue.message}`;
  });
  throw new FaultError(`This is no fault: ${issues.join("; ")}.`);
}
