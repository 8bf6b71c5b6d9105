import * as v from "valibot";
import { didYouMean, operations, type OperationName } from "@holdfast/protocol";
import { answerSchema } from "./answer.ts";
import { FaultError, type FaultIssue } from "./fault-error.ts";
import { bytes, count, milliseconds } from "./quantities.ts";

const operationName = v.custom<OperationName>(
  (name) => typeof name === "string" && Object.hasOwn(operations, name),
);

const text = v.string("must be text");
const isTrue = v.literal(true, "must be true, or be left out");
const mustBeShare = "must be a share above 0 and up to 1, such as 0.1";
const mustBeWhole = "must be a whole number of bytes, such as -1";

/** Which requests a fault befalls: those to which all of it applies. */
const match = {
  operation: v.optional(
    v.union(
      [operationName, v.array(operationName)],
      "must be an operation such as GetObject, or a list of them",
    ),
  ),
  bucket: v.optional(text),
  /** The whole key; `*` stands for any characters. */
  key: v.optional(text),
  /** The number of a part. */
  part: v.optional(count),
  /** An access key id. */
  credential: v.optional(text),
  /** How often this very request has come, this time included. */
  attempt: v.optional(count),
  /** So many of the requests it applies to are let pass first. */
  skip: v.optional(count),
  /** Of the requests it applies to, this share; the lab's seed decides which. */
  probability: v.optional(
    v.pipe(v.number(mustBeShare), v.gtValue(0, mustBeShare), v.maxValue(1, mustBeShare)),
  ),
  /** How many requests it befalls: one unless told, all of them with `probability`. */
  times: v.optional(
    v.union([count, v.literal("always")], "must be a whole number from 1 on, or always"),
  ),
};

/** What becomes of such a request. */
const effect = {
  /**
   * When: at once unless told; after so many bytes of the body, of an upload's on its way in, of a download's on its way
   * out; or once the server has done its work and before the client hears of it.
   */
  after: v.optional(
    v.union([v.literal("commit"), bytes], "must be commit, or bytes such as 1048576 or 1MiB"),
  ),
  /** The answer is this one. */
  then: v.optional(answerSchema),
  /** The connection is reset. */
  reset: v.optional(isTrue),
  /** The connection is ended in order, as a server does that stops. */
  close: v.optional(isTrue),
  /** Nothing more comes, for so many milliseconds or for good, and the connection stays. */
  stall: v.optional(
    v.union([v.literal(true), milliseconds], "must be true for good, or milliseconds such as 1500"),
  ),
  /** It takes that much longer. */
  latency: v.optional(
    v.union(
      [milliseconds, v.strictObject({ ms: milliseconds, jitter: milliseconds })],
      "must be milliseconds such as 1500, or { ms: 1500, jitter: 500 }",
    ),
  ),
  /** Bytes a second, both ways. */
  bandwidth: v.optional(v.pipe(bytes, v.minValue(1, "must be at least 1 byte a second"))),
  /** The head of the answer comes byte by byte, so many milliseconds apart. */
  drip: v.optional(milliseconds),
  /** The byte at that place of the answer's body is another one; `true` is the first. */
  corrupt: v.optional(
    v.union([v.literal(true), bytes], "must be true for the first byte, or a byte's place"),
  ),
  /** The answer's checksums are not those of its body. */
  checksum: v.optional(v.literal("wrong", "must be wrong, or be left out")),
  /** Is added to the length that the answer states. */
  length: v.optional(v.pipe(v.number(mustBeWhole), v.safeInteger(mustBeWhole))),
  /** The server gets the request a second time after it answered the first. */
  duplicate: v.optional(isTrue),
  /** The answer is what the same request got before, or an empty listing if it never came. */
  stale: v.optional(isTrue),
};

/** Every word that a fault may have. */
export const faultWords: readonly string[] = Object.keys({ ...match, ...effect });

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
  v.strictObject({ ...match, ...effect }, "must be its words and what they say"),
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

/** Throws a `FaultError` unless it is a fault that can be carried out. */
export function checkFault(fault: unknown): CheckedFault {
  const result = v.safeParse(faultSchema, fault, { abortPipeEarly: true });
  if (result.success) return result.output;
  throw new FaultError(result.issues.map(issueOf));
}

function issueOf(issue: v.BaseIssue<unknown>): FaultIssue {
  const path = (issue.path ?? []).map(({ key }) => String(key));
  const isUnknownWord = issue.type === "strict_object" && issue.expected === "never";
  if (!isUnknownWord) {
    const problem = path.length === 0 ? "cannot be" : "is malformed";
    return { path, problem, mend: `it ${issue.message}` };
  }
  const entries = path.length === 1 ? { ...match, ...effect } : answerSchema.entries;
  const known = Object.keys(entries);
  const near = didYouMean(path.at(-1) ?? "", known);
  return { path, problem: "is no word of a fault", mend: `${near}known are ${known.join(", ")}` };
}
