import { isBucketName } from "@holdfast/protocol";
import type { Argument } from "./argument.ts";
import { byteCountExpects, parseByteCount } from "./values/byte-count.ts";
import { durationExpects, parseDuration } from "./values/duration.ts";
import { parseMoment } from "./values/moment.ts";
import { parseVerbs, verbsExpect } from "./values/verbs.ts";

const matching =
  (pattern: RegExp) =>
  (text: string): string | undefined =>
    pattern.test(text) ? text : undefined;

const oneOf =
  <const W extends string>(...words: readonly W[]) =>
  (text: string): W | undefined =>
    words.find((word) => word === text);

function positiveNumber(text: string): number | undefined {
  const value = /^[0-9]{1,7}(\.[0-9]{1,6})?$/.test(text) ? Number(text) : 0;
  return value > 0 ? value : undefined;
}

function positiveInteger(text: string): number | undefined {
  const value = positiveNumber(text);
  return Number.isInteger(value) ? value : undefined;
}

const tenantExpects = "1 to 63 of a-z, 0-9, dot, underscore and hyphen";
const readTenant = matching(/^[a-z0-9][a-z0-9._-]{0,62}$/);
const readKeyId = matching(/^[A-Za-z0-9._-]{1,128}$/);
const readBucket = (text: string): string | undefined => (isBucketName(text) ? text : undefined);
const upTo = (length: number) => (text: string) => (text.length <= length ? text : undefined);

/** What a command is about, by its place. */
export const operands = {
  tenant: {
    name: "TENANT",
    placeholder: "TENANT",
    description: "Whose credentials they are.",
    expects: tenantExpects,
    read: readTenant,
  },
  accessKeyId: {
    name: "ID",
    placeholder: "ID",
    description: "The access key id of a credential.",
    expects: "an access key id",
    read: readKeyId,
  },
  bucket: {
    name: "BUCKET",
    placeholder: "BUCKET",
    description: "A bucket.",
    expects: "a bucket's name",
    read: readBucket,
  },
} as const satisfies Record<string, Argument>;

/** What a command takes by name. */
export const options = {
  tenant: {
    name: "--tenant",
    placeholder: "TENANT",
    description: "Whose they are.",
    expects: tenantExpects,
    read: readTenant,
  },
  grantedBucket: {
    name: "--bucket",
    placeholder: "BUCKET",
    description: "The bucket that it may use; '*' is any.",
    expects: "a bucket's name, or * for any",
    read: (text: string) => (text === "*" ? text : readBucket(text)),
  },
  bucket: {
    name: "--bucket",
    placeholder: "BUCKET",
    description: "Only what concerns this bucket.",
    expects: "a bucket's name",
    read: readBucket,
  },
  verbs: {
    name: "--verbs",
    placeholder: "A,B",
    description:
      "What it may do there: read, write, list, delete, and manage for the bucket itself.",
    expects: verbsExpect,
    read: parseVerbs,
  },
  prefix: {
    name: "--prefix",
    placeholder: "PREFIX",
    description: "What keys must begin with; all keys unless told.",
    expects: "up to 1024 characters",
    read: upTo(1024),
  },
  expires: {
    name: "--expires",
    placeholder: "DURATION",
    description: "How long it is valid; for ever unless told.",
    expects: durationExpects,
    read: parseDuration,
  },
  description: {
    name: "--description",
    placeholder: "TEXT",
    description: "A note for operators.",
    expects: "up to 200 characters",
    read: upTo(200),
  },
  requestsPerSecond: {
    name: "--rps",
    placeholder: "NUMBER",
    description: "Requests a second that it may make; the server's own limits hold besides.",
    expects: "a number above 0",
    read: positiveNumber,
  },
  concurrency: {
    name: "--concurrency",
    placeholder: "NUMBER",
    description: "Requests that it may have under way at once.",
    expects: "a whole number above 0",
    read: positiveInteger,
  },
  upstream: {
    name: "--upstream",
    placeholder: "NAME",
    description: "The S3 server that keeps it, as the server's configuration names it.",
    expects: "the name of an upstream",
    read: matching(/^[a-z0-9][a-z0-9_-]{0,63}$/),
  },
  remoteBucket: {
    name: "--as",
    placeholder: "NAME",
    description: "The bucket's name there.",
    expects: "a bucket's name",
    read: matching(/^[A-Za-z0-9][A-Za-z0-9._-]{0,254}$/),
  },
  soft: {
    name: "--soft",
    placeholder: "SIZE",
    description: "From here on uploads are told that the bucket is nearly full.",
    expects: byteCountExpects,
    read: parseByteCount,
  },
  hard: {
    name: "--hard",
    placeholder: "SIZE",
    description: "More than this is refused.",
    expects: byteCountExpects,
    read: parseByteCount,
  },
  file: {
    name: "--file",
    placeholder: "FILE",
    description: "A JSON file with the rules, as holdfast cors show --json prints them.",
    expects: "the path of a file",
    read: upTo(4096),
  },
  key: {
    name: "--key",
    placeholder: "KEY",
    description: "Only what was asked of the object of this key, whole as it is.",
    expects: "up to 1024 characters",
    read: upTo(1024),
  },
  concernedPrefix: {
    name: "--prefix",
    placeholder: "PREFIX",
    description: "Only what was asked of objects whose keys begin with it.",
    expects: "up to 1024 characters",
    read: upTo(1024),
  },
  since: {
    name: "--since",
    placeholder: "MOMENT",
    description: "Only what happened at or after it: a moment, or a duration ago.",
    expects: "a moment such as 2026-11-21T12:00:00Z, or a duration such as 24h",
    read: (text: string) => parseMoment(text),
  },
  until: {
    name: "--until",
    placeholder: "MOMENT",
    description: "Only what happened before it.",
    expects: "a moment such as 2026-11-21T12:00:00Z, or a duration such as 24h",
    read: (text: string) => parseMoment(text),
  },
  concernedTenant: {
    name: "--tenant",
    placeholder: "TENANT",
    description: "Only what concerns this tenant.",
    expects: tenantExpects,
    read: readTenant,
  },
  operation: {
    name: "--operation",
    placeholder: "NAME",
    description: "Only this operation, such as PutObject or createCredential.",
    expects: "the name of an operation",
    read: matching(/^[A-Za-z]{1,64}$/),
  },
  reason: {
    name: "--reason",
    placeholder: "REASON",
    description: "Only what was refused for this reason, such as bad_signature.",
    expects: "a reason",
    read: matching(/^[a-z0-9_]{1,64}$/),
  },
  limit: {
    name: "--limit",
    placeholder: "NUMBER",
    description: "How many at most; 100 unless told.",
    expects: "a whole number above 0",
    read: positiveInteger,
  },
  credential: {
    name: "--credential",
    placeholder: "ID",
    description: "Only what this access key id asked for.",
    expects: "an access key id",
    read: readKeyId,
  },
  format: {
    name: "--format",
    placeholder: "ndjson|csv",
    description: "A line of JSON for each event, or a table; ndjson unless told.",
    expects: "ndjson or csv",
    read: oneOf("ndjson", "csv"),
  },
} as const satisfies Record<string, Argument>;
