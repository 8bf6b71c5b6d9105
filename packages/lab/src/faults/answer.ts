import * as v from "valibot";
import { bytes } from "./quantities.ts";

/** Bodies of answers that servers really send instead of S3's. */
export const documents = ["empty", "html", "text", "truncated", "malformed", "bomb"] as const;

const text = v.string("must be text");
const texts = v.record(text, text, "must be texts by their names");
const mustBeStatus = "must be an HTTP status, 200 to 599";
const mustBeSeconds = "must be whole seconds";

/** What the lab answers in the server's place. */
export const answerSchema = v.strictObject({
  /** A code of the catalogue, or any other: the answer is S3's document of it. */
  error: v.optional(
    v.pipe(text, v.regex(/^[\w.]{1,64}$/, "must be an error code, such as SlowDown")),
  ),
  /** The error's own unless told; 200 hides an error in an answer that looks like success. */
  status: v.optional(
    v.pipe(
      v.number(mustBeStatus),
      v.safeInteger(mustBeStatus),
      v.minValue(200, mustBeStatus),
      v.maxValue(599, mustBeStatus),
    ),
  ),
  message: v.optional(text),
  /** Further elements of the document, by name. */
  fields: v.optional(texts),
  headers: v.optional(texts),
  /** Seconds, in the header `Retry-After`. */
  retryAfter: v.optional(
    v.pipe(v.number(mustBeSeconds), v.safeInteger(mustBeSeconds), v.minValue(0, mustBeSeconds)),
  ),
  /** Before the document: white space, a byte order mark. */
  prefix: v.optional(text),
  /** Behind the document: a newline, a comment. */
  suffix: v.optional(text),
  /** A body that is not S3's document. */
  document: v.optional(v.picklist(documents, `must be one of ${documents.join(", ")}`)),
  body: v.optional(text),
  contentType: v.optional(text),
  /** The body is made so long by filling it up. */
  size: v.optional(bytes),
  /** The region that a `PermanentRedirect` leads to. */
  region: v.optional(text),
  /** Of DeleteObjects: the keys that are refused, `*` for any characters, each with its code. The others are deleted. */
  keys: v.optional(texts),
});

export type Answer = v.InferOutput<typeof answerSchema>;
