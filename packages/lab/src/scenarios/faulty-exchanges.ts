import type { Fault } from "../faults/fault.ts";
import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

const objects = { object: 200_000 };
const read = { do: "get", key: "object" } as const;
const put = { do: "put", key: "new", bytes: 100_000 } as const;
const twoParts = 12_582_912;
const onGet = (effect: Omit<Fault, "operation">): Scenario["arranged"] => ({
  objects,
  faults: [{ operation: "GetObject", ...effect }],
});
const onPut = (effect: Omit<Fault, "operation">): Scenario["arranged"] => ({
  faults: [{ operation: "PutObject", ...effect }],
});
const onPart = (effect: Omit<Fault, "operation">): Scenario["arranged"] => ({
  timeoutMs: 5000,
  faults: [{ operation: "UploadPart", ...effect }],
});
const listings = ["ListObjectsV2", "ListObjects"] as const satisfies Fault["operation"];
/** More than a page of them. */
const manyKeys = Array.from({ length: 1001 }, (_, n) => `key-${String(n).padStart(4, "0")}`);

/** Who limits a whole request in time is given the time that these take. */
const patient = { timeoutMs: 5000 };

const whySlow = "Slow is not broken; who gives up on what still moves never gets it.";
const whyLost =
  "The write was done; telling that it was not has the caller do it again or lose it.";

/** What befalls requests and connections: one for each word of a fault. */
export const faultyExchanges: readonly Scenario[] = [
  {
    id: "latency",
    origin: "fault",
    title: "answers that come 300 to 400 ms late",
    arranged: { ...onGet({ latency: { ms: 300, jitter: 100 }, times: "always" }), ...patient },
    action: read,
    target: { succeeds: true, requests: [1, 1] },
    why: whySlow,
  },
  {
    id: "bandwidth",
    origin: "fault",
    title: "200,000 bytes at 200 kB a second",
    arranged: { ...onGet({ bandwidth: 200_000, times: "always" }), ...patient },
    action: read,
    target: { succeeds: true, requests: [1, 1] },
    why: whySlow,
  },
  {
    id: "drip",
    origin: "fault",
    title: "an answer's head byte by byte, 1 ms apart, once",
    arranged: { ...onGet({ drip: 1 }), ...patient },
    action: read,
    target: { succeeds: true },
    why: whySlow,
  },
  {
    id: "stall",
    origin: "fault",
    title: "silence of 300 ms after 64 KiB of an object",
    arranged: { ...onGet({ after: "64KiB", stall: 300, times: "always" }), ...patient },
    action: read,
    target: { succeeds: true, requests: [1, 1] },
    why: whySlow,
  },
  {
    id: "stall/write",
    origin: "fault",
    title: "a server that takes 64 KiB of a write and then nothing more, each time",
    arranged: onPut({ after: "64KiB", stall: true, times: "always" }),
    action: { ...put, bytes: 4_000_000 },
    target: { told: names.timeout, stored: { new: "absent" }, withinMs: 5000 },
    why: "A peer that is gone without a word keeps its half of the connection open for ever.",
  },
  {
    id: "stall/commit",
    origin: "fault",
    title: "a write that was carried out and is never answered, each time",
    arranged: onPut({ after: "commit", stall: true, times: "always" }),
    action: put,
    target: { told: names.timeout, stored: { new: 100_000 }, withinMs: 5000 },
    why: "Whether it was done is not known, and a call that never settles does not even say that.",
  },
  {
    id: "reset/write",
    origin: "fault",
    title: "a reset after 64 KiB of a write, each time",
    arranged: onPut({ after: "64KiB", reset: true, times: "always" }),
    action: { ...put, bytes: 4_000_000 },
    target: { told: names.reset, notTold: ["TimeoutError"], stored: { new: "absent" } },
    why: "Nothing was stored, and that has to be told.",
  },
  {
    id: "reset/commit",
    origin: "fault",
    title: "a write that was carried out and whose answer is lost, once",
    arranged: onPut({ after: "commit", reset: true }),
    action: put,
    target: { succeeds: true, told: names.reset, stored: { new: 100_000 } },
    why: whyLost,
  },
  {
    id: "reset/complete",
    origin: "fault",
    title: "an upload in parts that was completed and whose answer is lost, once",
    arranged: {
      timeoutMs: 5000,
      faults: [{ operation: "CompleteMultipartUpload", after: "commit", reset: true }],
    },
    action: { do: "upload", key: "big", bytes: twoParts, inParts: true },
    target: {
      succeeds: true,
      told: names.reset,
      notTold: ["NoSuchUpload"],
      stored: { big: twoParts },
    },
    why: whyLost,
  },
  {
    id: "reset/delete",
    origin: "fault",
    title: "a deletion that was carried out and whose answer is lost, once",
    arranged: { objects, faults: [{ operation: "DeleteObject", after: "commit", reset: true }] },
    action: { do: "delete", key: "object" },
    target: { succeeds: true, told: names.reset, stored: { object: "absent" } },
    why: whyLost,
  },
  {
    id: "then/commit",
    origin: "fault",
    title: "a write that was carried out and answered 500, once",
    arranged: onPut({ after: "commit", then: { error: "InternalError" } }),
    action: put,
    target: { succeeds: true, stored: { new: 100_000 } },
    why: whyLost,
  },
  {
    id: "close",
    origin: "fault",
    title: "an orderly end of the connection instead of an answer, once",
    arranged: onGet({ close: true }),
    action: read,
    target: { succeeds: true },
    why: "It is what a server that is updated does.",
  },
  {
    id: "corrupt",
    origin: "fault",
    title: "one bit of an object's bytes is another one, once",
    arranged: onGet({ corrupt: 100_000 }),
    action: read,
    target: { succeeds: true, told: names.corrupt },
    why: "Wrong bytes that are taken for the object's spread from there.",
  },
  {
    id: "checksum",
    origin: "fault",
    title: "an object whose checksum is another's, each time",
    arranged: onGet({ checksum: "wrong", times: "always" }),
    action: read,
    target: { succeeds: true, told: names.corrupt },
    why: "Either the bytes or the checksum are wrong, and nobody can know which.",
  },
  {
    id: "length",
    origin: "fault",
    title: "an answer that states 1000 bytes more than it has, each time",
    arranged: onGet({ length: 1000, times: "always" }),
    action: read,
    target: { told: [...names.cut, ...names.corrupt, ...names.malformed] },
    why: "A body that ends too soon is not the object.",
  },
  {
    id: "length/short",
    origin: "fault",
    title: "an answer that states 1000 bytes less than it has, each time",
    arranged: onGet({ length: -1000, times: "always" }),
    action: read,
    target: { told: [...names.cut, ...names.corrupt, ...names.malformed, "HPE_INVALID_CONSTANT"] },
    why: "What was cut off by its length looks whole to whoever checks nothing else.",
  },
  {
    id: "duplicate",
    origin: "fault",
    title: "a write that the server gets twice",
    arranged: onPut({ duplicate: true }),
    action: put,
    target: { succeeds: true, stored: { new: 100_000 } },
    why: "Networks repeat, and the object is the same.",
  },
  {
    id: "stale",
    origin: "fault",
    title: "a listing of before the object was written",
    arranged: { objects, faults: [{ operation: [...listings], stale: true }] },
    action: { do: "list" },
    target: { value: [] },
    why: "An empty list is an answer like any other where the server gave it.",
  },
  {
    id: "operation",
    origin: "fault",
    title: "a bucket of 1001 keys that vanishes between two pages",
    arranged: {
      objects: Object.fromEntries(manyKeys.map((key) => [key, 0])),
      faults: [
        { operation: [...listings], skip: 1, times: "always", then: { error: "NoSuchBucket" } },
      ],
    },
    action: { do: "list" },
    target: { told: ["NoSuchBucket"] },
    why: "A list that stops at what it got is a list of what must not be deleted.",
  },
  {
    id: "skip",
    origin: "fault",
    title: "a reset between two pages of 1001 keys, once",
    arranged: {
      objects: Object.fromEntries(manyKeys.map((key) => [key, 0])),
      faults: [{ operation: [...listings], skip: 1, reset: true }],
    },
    action: { do: "list" },
    target: { value: manyKeys, told: names.reset },
    why: "All keys, or a failure; nothing between.",
  },
  {
    id: "part",
    origin: "fault",
    title: "a reset after 1 MiB of the second part of an upload, once",
    arranged: onPart({ part: 2, after: "1MiB", reset: true }),
    action: { do: "upload", key: "big", bytes: twoParts, inParts: true },
    target: { succeeds: true, stored: { big: twoParts } },
    why: "Only that part has to be sent again.",
  },
  {
    id: "part/each",
    origin: "fault",
    title: "the second part of an upload refused with AccessDenied, each time",
    arranged: onPart({ part: 2, times: "always", then: { error: "AccessDenied" } }),
    action: { do: "upload", key: "big", bytes: twoParts, inParts: true },
    target: { told: names.denied, stored: { big: "absent" }, openUploads: 0, withinMs: 15_000 },
    why: "Parts that nobody takes back are paid for until somebody looks.",
  },
  {
    id: "credential",
    origin: "fault",
    title: "500 to whoever signs with one access key, once",
    arranged: onGet({ credential: "AKIALABLABLABLABLABL", then: { error: "InternalError" } }),
    action: read,
    target: { succeeds: true, requests: [2, 2] },
    why: "A failure that one of many meets is tried again like any other.",
  },
  {
    id: "attempt",
    origin: "fault",
    title: "a reset of the first try of a write, by the object's key",
    arranged: onPut({ bucket: "probe", key: "ne*", attempt: 1, reset: true }),
    action: put,
    target: { succeeds: true, stored: { new: 100_000 } },
    why: "Bytes that are at hand can be sent again.",
  },
  {
    id: "probability",
    origin: "fault",
    title: "503 ServiceUnavailable, by a fault that is left to chance and certain to come, once",
    arranged: onGet({ probability: 1, times: 1, then: { error: "ServiceUnavailable" } }),
    action: read,
    target: { succeeds: true, requests: [2, 2] },
    why: "What fails now and then is tried again, and seldom noticed.",
  },
];
