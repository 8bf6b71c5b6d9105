import type { Scenario } from "../probe/scenario.ts";

/** The sizes at which the audit had a source fail, in bytes. */
const sixMB = 6_291_456;
const fiftyFiveMB = 57_671_680;

const notFound = ["NoSuchKey", "NotFound", "S3NotFoundError", "ENOENT"];
const denied = ["AccessDenied", "PermissionDenied", "S3AccessDeniedError", "EACCES"];
const refused = (code: string): readonly string[] => [
  code,
  "PermissionDenied",
  "S3AccessDeniedError",
  "BackendUnavailable",
];

const whyDenied =
  "Who takes a refusal for absence or an outage looks for the wrong cause, or overwrites.";
const whyRefused = "A long run outlives its credentials; only by its name can a caller renew them.";
const whyCut = "A truncated object looks complete to everyone who reads it later.";

/** The audit's five, at its sizes, with what it could not arrange. */
export const audit: readonly Scenario[] = [
  {
    id: "a",
    origin: "audit",
    title: "GetObject of a key that is missing",
    arranged: {},
    action: { do: "get", key: "missing" },
    // Null says as much, where it says nothing else.
    target: { told: notFound, value: null, requests: [1, 1] },
    why: "A missing key is an answer, and no failure of the service.",
  },
  {
    id: "b",
    origin: "audit",
    title: "GetObject with valid credentials that may not touch the bucket: AccessDenied",
    arranged: { objects: { "a.csv": 1000 }, caller: "forbidden" },
    action: { do: "get", key: "a.csv" },
    target: { told: denied, requests: [1, 1] },
    why: whyDenied,
  },
  {
    id: "b/unknown-access-key",
    origin: "audit",
    title: "GetObject with an access key that nobody has",
    arranged: { objects: { "a.csv": 1000 }, caller: "unknown-access-key" },
    action: { do: "get", key: "a.csv" },
    target: { told: refused("InvalidAccessKeyId") },
    why: whyDenied,
  },
  {
    id: "b/wrong-secret",
    origin: "audit",
    title: "GetObject with another secret than the access key's",
    arranged: { objects: { "a.csv": 1000 }, caller: "wrong-secret" },
    action: { do: "get", key: "a.csv" },
    target: { told: refused("SignatureDoesNotMatch") },
    why: whyDenied,
  },
  {
    id: "c/expired",
    origin: "audit",
    title: "PutObject with a token that has expired: ExpiredToken, status 400",
    arranged: { caller: "expired-token" },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { told: refused("ExpiredToken"), stored: { new: "absent" } },
    why: whyRefused,
  },
  {
    id: "c/unknown-access-key",
    origin: "audit",
    title: "PutObject with an access key that nobody has: InvalidAccessKeyId",
    arranged: { caller: "unknown-access-key" },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { told: refused("InvalidAccessKeyId"), stored: { new: "absent" } },
    why: whyRefused,
  },
  {
    id: "c/wrong-secret",
    origin: "audit",
    title: "PutObject with another secret than the access key's: SignatureDoesNotMatch",
    arranged: { caller: "wrong-secret" },
    action: { do: "put", key: "new", bytes: 1000 },
    target: { told: refused("SignatureDoesNotMatch"), stored: { new: "absent" } },
    why: whyRefused,
  },
  ...[
    { id: "d/6MB", failAt: sixMB, size: "6 MB" },
    { id: "d/55MB", failAt: fiftyFiveMB, size: "55 MB" },
  ].map(({ id, failAt, size }): Scenario => ({
    id,
    origin: "audit",
    title: `the source of a write fails after ${size}`,
    arranged: { timeoutMs: 10_000 },
    action: { do: "upload", key: "big", bytes: failAt + 1_048_576, failAt },
    target: {
      told: ["ECONNRESET", "SourceFailed", "S3SourceError"],
      stored: { big: "absent" },
      withinMs: 20_000,
    },
    why: whyCut,
  })),
  {
    id: "e",
    origin: "audit",
    title: "what `conf` is, where there is an object `conf` and one `conf/app.txt`",
    arranged: { objects: { conf: 10, "conf/app.txt": 20 } },
    action: { do: "kind", key: "conf" },
    target: { value: "file", told: ["InvalidPath", "NotFound"] },
    why: "Whoever is told once that it is a file and once that it is not, deletes the wrong one.",
  },
  {
    id: "e/head",
    origin: "audit",
    title: "HeadObject of `conf`, where there is an object `conf/app.txt` as well",
    arranged: { objects: { conf: 10, "conf/app.txt": 20 } },
    action: { do: "head", key: "conf" },
    target: { value: 10, told: ["InvalidPath", "NotFound"] },
    why: "What is said of an object is said of it and of nothing below its name.",
  },
  {
    id: "e/read",
    origin: "audit",
    title: "GetObject of `conf`, where there is an object `conf/app.txt` as well",
    arranged: { objects: { conf: 10, "conf/app.txt": 20 } },
    action: { do: "get", key: "conf" },
    target: { succeeds: true, told: ["InvalidPath", "NotFound"] },
    why: "Its bytes are those of the object that has this very key.",
  },
];
