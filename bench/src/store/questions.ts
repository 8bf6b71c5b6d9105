import type { Question } from "../client/questions.ts";
import type { Action } from "./actions.ts";

/** What is asked of stores on one backend. */
export interface StoreQuestion extends Question<Action> {
  /** Why Holdfast may be behind here; without a reason it may not. */
  readonly why?: string;
}

const mib = 1024 * 1024;
const kib = 1024;
const microseconds = { of: "cpu", unit: "µs CPU", scale: 1000 } as const;
const milliseconds = { of: "cpu", unit: "ms CPU", scale: 1 } as const;
const perSecond = { of: "rate", unit: "/s", scale: 1 } as const;
const large = [{ of: "rate", unit: "MiB/s", scale: 64 }] as const;
const small = [microseconds, perSecond];
const flight = { bytes: kib, inFlight: 32 };
const alone = { bytes: kib, inFlight: 1 };

/** Asked of the store and of the client that it is over: 15 % is the most that it may cost. */
export const overheadQuestions: readonly StoreQuestion[] = [
  {
    asks: "1 KiB write",
    order: { action: "write", ...flight },
    figures: [{ ...microseconds, bareBar: 1.15 }],
  },
  {
    asks: "1 KiB read",
    order: { action: "read", ...flight },
    figures: [{ ...microseconds, bareBar: 1.15 }],
  },
];

export const s3Questions: readonly StoreQuestion[] = [
  { asks: "1 KiB write", order: { action: "write", ...flight }, figures: small },
  { asks: "1 KiB read", order: { action: "read", ...flight }, figures: small },
  { asks: "stat", order: { action: "stat", ...flight }, figures: small },
  { asks: "exists", order: { action: "exists", ...flight }, figures: small },
  {
    asks: "list 10,000",
    order: { action: "list", bytes: 10_000, inFlight: 1 },
    figures: [milliseconds],
  },
  {
    asks: "delete",
    order: { action: "delete", ...flight },
    figures: small,
    why: "It asks S3 whether the file is there before it deletes it, for S3 answers the same when nothing was: `NotFound` and `InvalidPath` cost a request. The others report success for a file that never was.",
  },
  {
    asks: "64 MiB write",
    order: { action: "write-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
    why: "In parts of 8 MiB, each with its checksum. flydrive and unstorage send one request, which S3 refuses above 5 GB and which is sent again whole when it breaks.",
  },
  {
    asks: "64 MiB read",
    order: { action: "read-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
  },
];

const durable =
  "The bytes and the name are on stable storage when it returns, and no reader and no crash ever sees half of a file: a temporary file, two syncs and a rename. The others write into the file itself, and into the page cache alone.";

export const localQuestions: readonly StoreQuestion[] = [
  { asks: "1 KiB write", order: { action: "write", ...alone }, figures: small, why: durable },
  {
    asks: "1 KiB read",
    order: { action: "read", ...alone },
    figures: small,
    why: "It sees to it that no link leads out of the root, and takes size, etag and time from the file that it opened.",
  },
  {
    asks: "stat",
    order: { action: "stat", ...alone },
    figures: small,
    why: "It sees to it that no link leads out of the root.",
  },
  {
    asks: "exists",
    order: { action: "exists", ...alone },
    figures: small,
    why: "It sees to it that no link leads out of the root. unstorage asks the disk synchronously and holds up everything else meanwhile.",
  },
  {
    asks: "list 10,000",
    order: { action: "list", bytes: 10_000, inFlight: 1 },
    figures: [milliseconds],
    why: "It gives the size, the etag and the time of each file, and asks the disk for each; the others give names. The next row is the same work.",
  },
  {
    asks: "list 10,000 with sizes",
    order: { action: "list-sizes", bytes: 10_000, inFlight: 1 },
    figures: [milliseconds],
  },
  {
    asks: "delete",
    order: { action: "delete", ...alone },
    figures: small,
    why: "The deletion is on stable storage when it returns, a missing file is `NotFound`, and an empty folder goes with its last file.",
  },
  {
    asks: "64 MiB write",
    order: { action: "write-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
    why: durable,
  },
  {
    asks: "64 MiB read",
    order: { action: "read-large", bytes: 64 * mib, inFlight: 1 },
    figures: large,
  },
];
