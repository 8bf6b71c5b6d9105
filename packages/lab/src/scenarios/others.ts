import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

const objects = { object: 1000 };
const read = { do: "get", key: "object" } as const;

/** Keys that survive no guess of a parser's at what they could mean, in the order of their bytes. */
const oddKeys = [
  "  lead",
  "0x10",
  "123",
  "1e3",
  "a&amp;b",
  "a&b",
  "n\u00e4me",
  "trail  ",
  "true",
  "x\ry",
].toSorted((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));

/** Writes, bytes, clocks, keys and size: situations 17 to 23b. */
export const others: readonly Scenario[] = [
  {
    id: "17",
    origin: "measured",
    title: "a write from a stream that can be read once, answered 503 SlowDown, once",
    arranged: {
      faults: [
        { operation: ["PutObject", "UploadPart"], then: { error: "SlowDown", status: 503 } },
      ],
    },
    action: { do: "upload", key: "new", bytes: 10_000 },
    target: { succeeds: true, told: names.throttled, stored: { new: 10_000 } },
    why: "A second try with an empty stream stores an empty object.",
  },
  {
    id: "18",
    origin: "measured",
    title: "one bit of an object's bytes is another one, each time",
    arranged: {
      objects,
      faults: [{ operation: "GetObject", corrupt: 500, times: "always" }],
    },
    action: read,
    target: { told: names.corrupt },
    why: "Bytes that are known to be wrong must not be taken for the object's.",
  },
  {
    id: "20",
    origin: "measured",
    title: "PUT with If-None-Match: * that was carried out, and whose answer is lost",
    arranged: { faults: [{ operation: "PutObject", after: "commit", reset: true }] },
    action: { do: "put", key: "new", bytes: 1000, ifAbsent: true },
    target: {
      succeeds: true,
      told: names.reset,
      notTold: names.exists,
      stored: { new: 1000 },
    },
    why: "Who is told that another was first gives up a lock that it holds.",
  },
  {
    id: "21",
    origin: "measured",
    title: "a server whose clock is an hour ahead: 403 RequestTimeTooSkewed",
    arranged: { objects, skewMs: 3_600_000 },
    action: read,
    target: { succeeds: true, told: ["RequestTimeTooSkewed"] },
    why: "The answer carries the time that would be right.",
  },
  {
    id: "22",
    origin: "measured",
    title: "keys with references, spaces at their ends, and the look of numbers",
    arranged: { objects: Object.fromEntries(oddKeys.map((key) => [key, 1])) },
    action: { do: "list" },
    target: { value: oddKeys },
    why: "A key that is listed as another one cannot be read, or is the wrong one deleted.",
  },
  {
    id: "23",
    origin: "measured",
    title: "500 with a document of 200 MB, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: "GetObject",
          times: "always",
          then: { error: "InternalError", size: 200_000_000 },
        },
      ],
    },
    action: read,
    target: { told: names.internal, withinMs: 30_000 },
    why: "One bad answer must not cost the process.",
  },
  {
    id: "23b",
    origin: "measured",
    title: "500 with a document of 20 MB, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: "GetObject",
          times: "always",
          then: { error: "InternalError", size: 20_000_000 },
        },
      ],
    },
    action: read,
    target: { told: names.internal, withinMs: 30_000 },
    why: "Every other request of the process waits as long.",
  },
];
