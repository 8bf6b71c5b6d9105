import { catalogue } from "@holdfast/protocol";
import type { Fault } from "../faults/fault.ts";
import type { Answer } from "../faults/answer.ts";
import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

const objects = { object: 1000 };
const read = { do: "get", key: "object" } as const;

/** Each read is answered so. */
const answered = (
  answer: Answer,
  more: Omit<Fault, "then"> = { times: "always" },
): Scenario["arranged"] => ({
  objects,
  faults: [{ operation: "GetObject", ...more, then: answer }],
});

const whyPage = "Whatever stands before the service can fail in words of its own, or in none.";

/** Answers that the server did not give: one for each word of an answer, and for each kind of page. */
export const faultyAnswers: readonly Scenario[] = [
  {
    id: "error",
    origin: "fault",
    title: "500 InternalError, once",
    arranged: answered({ error: "InternalError" }, {}),
    action: read,
    target: { succeeds: true, requests: [2, 2] },
    why: "S3 asks its clients to try again, and says so in its documentation.",
  },
  {
    id: "error/final",
    origin: "fault",
    title: "403 InvalidObjectState, as the object is in an archive",
    arranged: answered({ error: "InvalidObjectState" }),
    action: read,
    target: { told: ["InvalidObjectState"], requests: [1, 1] },
    why: "It can be had after it was restored, which no other 403 says.",
  },
  {
    id: "error/unknown",
    origin: "fault",
    title: "418 with a code that nobody knows",
    arranged: answered({ error: "TeapotWillNotBrew", status: 418 }),
    action: read,
    target: { told: ["TeapotWillNotBrew"], requests: [1, 1] },
    why: "Services have codes of their own, and their users know them.",
  },
  {
    id: "error/quota",
    origin: "fault",
    title: "PUT into a bucket that is full: QuotaExceeded",
    arranged: {
      faults: [{ operation: "PutObject", times: "always", then: { error: "QuotaExceeded" } }],
    },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { told: ["QuotaExceeded"], stored: { new: "absent" } },
    why: "Waiting does not help; making room does.",
  },
  {
    id: "error/early",
    origin: "fault",
    title: "PUT refused with EntityTooLarge after 64 KiB of its body",
    arranged: {
      faults: [
        {
          operation: "PutObject",
          after: "64KiB",
          times: "always",
          then: { error: "EntityTooLarge" },
        },
      ],
    },
    action: { do: "put", key: "new", bytes: 1_000_000 },
    target: { told: ["EntityTooLarge"], stored: { new: "absent" } },
    why: "An answer that comes early is an answer, and no broken pipe.",
  },
  {
    id: "error/delete",
    origin: "fault",
    title: "DELETE refused with AccessDenied",
    arranged: {
      objects,
      faults: [{ operation: "DeleteObject", times: "always", then: { error: "AccessDenied" } }],
    },
    action: { do: "delete", key: "object" },
    target: { told: names.denied, stored: { object: 1000 } },
    why: "What is taken for deleted is kept, and paid for.",
  },
  {
    id: "message",
    origin: "fault",
    title: "403 AccessDenied whose message speaks of a key that does not exist",
    arranged: answered({
      error: "AccessDenied",
      message: `NoSuchKey: ${catalogue.NoSuchKey.message} 404 Not Found`,
    }),
    action: read,
    target: { told: names.denied, notTold: ["NoSuchKey", "NotFound", "404"] },
    why: "Messages are for people; who decides by them decides by their wording.",
  },
  {
    id: "fields",
    origin: "fault",
    title: "400 ExpiredToken with the token in the document",
    arranged: answered({ error: "ExpiredToken", fields: { "Token-0": "a-token-of-a-session" } }),
    action: read,
    target: { told: ["ExpiredToken"] },
    why: "What the document says beside its code is not the failure's name.",
  },
  {
    id: "status",
    origin: "fault",
    title: "429 SlowDown instead of 503, once",
    arranged: answered({ error: "SlowDown", status: 429 }, {}),
    action: read,
    target: { succeeds: true, told: names.throttled, withinMs: 10_000 },
    why: "Services disagree about the status of the same code.",
  },
  {
    id: "headers",
    origin: "fault",
    title: "503 ServiceUnavailable on a connection that ends with it, once",
    arranged: answered({ error: "ServiceUnavailable", headers: { connection: "close" } }, {}),
    action: read,
    target: { succeeds: true },
    why: "A server that restarts says so once, and is there again.",
  },
  {
    id: "contentType",
    origin: "fault",
    title: "404 NoSuchKey as text/plain",
    arranged: answered({ error: "NoSuchKey", contentType: "text/plain" }),
    action: read,
    target: { told: names.noSuchKey, value: null },
    why: "It is the same document.",
  },
  {
    id: "prefix",
    origin: "fault",
    title: "404 NoSuchKey behind a byte order mark",
    arranged: answered({ error: "NoSuchKey", prefix: "\uFEFF" }),
    action: read,
    target: { told: names.noSuchKey, value: null },
    why: "It is the same document.",
  },
  {
    id: "document/html",
    origin: "fault",
    title: "503 with a page of HTML, each time",
    arranged: answered({ document: "html", status: 503 }),
    action: read,
    target: {
      told: [...names.unavailable, ...names.throttled],
      requests: [2, 20],
      withinMs: 10_000,
    },
    why: whyPage,
  },
  {
    id: "document/text",
    origin: "fault",
    title: "502 with plain text, each time",
    arranged: answered({ document: "text", status: 502 }),
    action: read,
    target: { told: ["BadGateway", "502"], requests: [2, 20] },
    why: whyPage,
  },
  {
    id: "document/empty",
    origin: "fault",
    title: "503 without a byte, each time",
    arranged: answered({ document: "empty", status: 503 }),
    action: read,
    target: {
      told: [...names.unavailable, ...names.throttled],
      requests: [2, 20],
      withinMs: 10_000,
    },
    why: whyPage,
  },
  {
    id: "document/truncated",
    origin: "fault",
    title: "403 with a document that breaks off",
    arranged: answered({ document: "truncated", status: 403 }),
    action: read,
    target: { told: [...names.denied, "403"], notTold: ["NoSuchKey", "NotFound"] },
    why: "The service has answered; what is missing is only its words.",
  },
  {
    id: "document/malformed",
    origin: "fault",
    title: "ListObjectsV2 answered 500 with an XML document that is none, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: ["ListObjectsV2", "ListObjects"],
          times: "always",
          then: { document: "malformed", status: 500 },
        },
      ],
    },
    action: { do: "list" },
    target: { told: names.internal, withinMs: 4000 },
    why: "What cannot be read is not an empty bucket.",
  },
  {
    id: "document/bomb",
    origin: "fault",
    title: "500 with entities that would grow to gigabytes, each time",
    arranged: answered({ document: "bomb", status: 500 }),
    action: read,
    target: { told: names.internal },
    why: "An error must not cost the process.",
  },
  {
    id: "keys",
    origin: "fault",
    title: "DeleteObjects that refuses one of three keys",
    arranged: {
      objects: { a: 10, b: 20, c: 30 },
      faults: [{ operation: "DeleteObjects", then: { keys: { b: "AccessDenied" } } }],
    },
    action: { do: "delete-many", keys: ["a", "b", "c"] },
    target: {
      value: { deleted: ["a", "c"], failed: { b: "AccessDenied" } },
      told: names.denied,
      stored: { a: "absent", b: 20, c: "absent" },
    },
    why: "The answer is 200; who stops at it keeps what was to be deleted.",
  },
];
