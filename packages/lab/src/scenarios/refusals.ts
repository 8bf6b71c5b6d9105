import { createHash } from "node:crypto";
import { knownPieces } from "../probe/known-bytes.ts";
import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

/** Where the service says no, or not now: situations 1 to 9 and 19. */
export const refusals: readonly Scenario[] = [
  {
    id: "1",
    origin: "measured",
    title: "GET of a key that is missing: 404 NoSuchKey",
    arranged: { objects: { another: 10 } },
    action: { do: "get", key: "gone" },
    // Null says as much of a key; of a bucket it does not.
    target: { told: names.noSuchKey, value: null, requests: [1, 1] },
    why: "A missing key is an answer; a missing bucket is a mistake in the configuration.",
  },
  {
    id: "1/bucket",
    origin: "measured",
    title: "GET in a bucket that is missing: 404 NoSuchBucket",
    arranged: { noBucket: true },
    action: { do: "get", key: "gone" },
    target: { told: ["NoSuchBucket"], notTold: ["NoSuchKey"] },
    why: "Who takes it for a missing key writes a cache full of false absences.",
  },
  {
    id: "2",
    origin: "measured",
    title: "HEAD of a key that is missing: 404 without a body",
    arranged: {},
    action: { do: "head", key: "gone" },
    target: { told: names.notFound, value: null, requests: [1, 1] },
    why: "HEAD cannot say more than that there is nothing, and that has to be told.",
  },
  {
    id: "3",
    origin: "measured",
    title: "HEAD of an object that may not be seen: 403 without a body",
    arranged: { objects: { hidden: 10 }, caller: "forbidden" },
    action: { do: "head", key: "hidden" },
    target: { told: [...names.denied, "403"], notTold: ["NotFound", "NoSuchKey"] },
    why: "What may not be seen is not what does not exist.",
  },
  {
    id: "3/exists",
    origin: "measured",
    title: "whether there is an object that may not be seen: 403",
    arranged: { objects: { hidden: 10 }, caller: "forbidden" },
    action: { do: "exists", key: "hidden" },
    target: { told: [...names.denied, "403"], notTold: ["NotFound", "NoSuchKey"] },
    why: "Who is told `false` writes over what is there.",
  },
  {
    id: "4",
    origin: "measured",
    title: "PUT with a token that has expired: 400 ExpiredToken",
    arranged: { caller: "expired-token" },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { told: ["ExpiredToken"], stored: { new: "absent" } },
    why: "Only by its name is it told from a request that will never be right.",
  },
  {
    id: "4/refreshed",
    origin: "measured",
    title:
      "PUT with a token that has expired, where whoever asks for credentials again is given good ones",
    arranged: { caller: "expired-then-renewed" },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { succeeds: true, stored: { new: 1000 } },
    why: "A long run outlives its token.",
  },
  {
    id: "5",
    origin: "measured",
    title: "503 SlowDown, each time",
    arranged: {
      objects: { object: 1000 },
      faults: [
        { operation: "GetObject", times: "always", then: { error: "SlowDown", status: 503 } },
      ],
    },
    action: { do: "get", key: "object" },
    target: { told: names.throttled, requests: [2, 20], withinMs: 10_000 },
    why: "A service that asks for less must be given less, and the caller told which service it was.",
  },
  {
    id: "5b",
    origin: "measured",
    title: "503 SlowDown with Retry-After: 1, once",
    arranged: {
      objects: { object: 1000 },
      faults: [{ operation: "GetObject", then: { error: "SlowDown", status: 503, retryAfter: 1 } }],
    },
    action: { do: "get", key: "object" },
    target: { succeeds: true, waitMs: 1000 },
    why: "The service knows when it will have room.",
  },
  {
    id: "6",
    origin: "measured",
    title: "301 PermanentRedirect, each time, and nothing of a region",
    arranged: {
      objects: { object: 1000 },
      faults: [{ operation: "GetObject", times: "always", then: { error: "PermanentRedirect" } }],
    },
    action: { do: "get", key: "object" },
    target: { told: ["PermanentRedirect", "301"] },
    why: "A 301 is not an object.",
  },
  {
    id: "6/region",
    origin: "measured",
    title: "301 PermanentRedirect with the bucket's region, where the server signs for it",
    arranged: {
      objects: { object: 1000 },
      region: "eu-west-1",
      faults: [{ operation: ["GetObject", "HeadObject"], then: { region: "eu-west-1" } }],
    },
    action: { do: "get", key: "object" },
    target: { succeeds: true, told: ["PermanentRedirect", "301", "AuthorizationHeaderMalformed"] },
    why: "The answer says what to do next; a client that can read does it.",
  },
  {
    id: "6/malformed",
    origin: "measured",
    title: "400 AuthorizationHeaderMalformed, as the server is in another region",
    arranged: { objects: { object: 1000 }, region: "eu-west-1" },
    action: { do: "get", key: "object" },
    target: { succeeds: true, told: ["AuthorizationHeaderMalformed"] },
    why: "It is the same news in other words.",
  },
  {
    id: "6/head",
    origin: "measured",
    title: "301 without a body in answer to a HEAD, each time",
    arranged: {
      objects: { object: 1000 },
      faults: [{ operation: "HeadObject", times: "always", then: { error: "PermanentRedirect" } }],
    },
    action: { do: "head", key: "object" },
    target: { told: ["PermanentRedirect", "MovedPermanently", "301"] },
    why: "The status is there even where the document is not.",
  },
  {
    id: "7",
    origin: "measured",
    title: "PUT with If-None-Match: * where there is such an object: 412",
    arranged: { objects: { taken: 10 } },
    action: { do: "put", key: "taken", bytes: 1000, ifAbsent: true },
    target: { told: names.exists, stored: { taken: 10 } },
    why: "It is the answer that locks and queues are built on.",
  },
  {
    id: "8",
    origin: "measured",
    title: "GET with If-None-Match of an object that is unchanged: 304",
    arranged: { objects: { object: 1000 } },
    action: { do: "get-if-changed", key: "object", etag: etagOfKnown(1000) },
    target: { value: "not modified", told: ["NotModified", "304"] },
    why: "It is what the caller hoped for; nor is it an empty object.",
  },
  {
    id: "9",
    origin: "measured",
    title: "PUT with If-None-Match: *, answered 409 ConditionalRequestConflict, once",
    arranged: {
      faults: [{ operation: "PutObject", then: { error: "ConditionalRequestConflict" } }],
    },
    action: { do: "put", key: "new", bytes: 1000, ifAbsent: true },
    target: { succeeds: true, stored: { new: 1000 }, requests: [2, 2] },
    why: "It says that two were at it at once, not who won; only asking again tells.",
  },
  {
    id: "9/each",
    origin: "measured",
    title: "PUT with If-None-Match: *, answered 409 ConditionalRequestConflict, each time",
    arranged: {
      faults: [
        {
          operation: "PutObject",
          times: "always",
          then: { error: "ConditionalRequestConflict" },
        },
      ],
    },
    action: { do: "put", key: "new", bytes: 1000, ifAbsent: true },
    target: {
      told: ["ConditionalRequestConflict"],
      notTold: ["PreconditionFailed", "AlreadyExists"],
      stored: { new: "absent" },
    },
    why: "A conflict that does not pass is the caller's to settle, and no object is there.",
  },
  {
    id: "19",
    origin: "measured",
    title: "503 without a body in answer to a HEAD, each time",
    arranged: {
      objects: { object: 1000 },
      faults: [
        { operation: "HeadObject", times: "always", then: { error: "SlowDown", status: 503 } },
      ],
    },
    action: { do: "head", key: "object" },
    target: {
      told: [...names.throttled, ...names.unavailable],
      requests: [2, 20],
      withinMs: 10_000,
    },
    why: "A throttled HEAD must not become the fastest way to throttle the service more.",
  },
];

function etagOfKnown(bytes: number): string {
  const hash = createHash("md5");
  for (const piece of knownPieces(bytes)) hash.update(piece);
  return hash.digest("hex");
}
