/** Of one client in one situation: what it said when it was measured before, and its verdict in the matrix. */
export interface Note {
  readonly scenario: string;
  readonly client: string;
  /** As it was measured, in November 2026, on a server of fixed answers and with the client's own defaults. */
  readonly before: string;
  /** `pass`, `not driven`, or how it diverges, as the matrix has it. */
  readonly now: string;
  /** Why it is otherwise than before, where it is. */
  readonly because?: string;
}

type Cell = readonly [before: string, now: string, because?: string];

const names = {
  aws: "@aws-sdk/client-s3",
  minio: "minio",
  s3mini: "s3mini",
  lean: "lean-s3",
  fetch: "aws4fetch",
  flydrive: "flydrive",
  flystorage: "@flystorage/file-storage",
} as const;

type Cells = Partial<Record<keyof typeof names, Cell>>;

const name = "loses the name";
const retry = "retries wrongly";
const nameAndRetry = `${name}, ${retry}`;

const because = {
  status:
    "The status is among its fields, and names the failure where there is no body to name it.",
  timeout: "The adapter sets the timeout that the library has and leaves off.",
  parts:
    "The adapter uploads as the library does with a stream, by parts that it holds until they are stored.",
  noCondition: "The method that reads has no such condition; before, the header was set below it.",
  noStream: "It has no upload of a stream; before, its parts were driven one by one.",
  byStatus:
    "It gives up by the status, which was another one before, and does not read the document.",
  byMemory:
    "Its process has a heap of 512 MiB in the probe, which it outgrows before it has read the document.",
  document:
    "It hands over the response, whose document is the caller's to read, and has no such call.",
  token: "It takes no session token for a request, and cannot be asked.",
} as const;

const cells: Readonly<Record<string, Cells>> = {
  "1": {
    aws: ["NoSuchKey with status and request id", "pass"],
    minio: ["NoSuchKey, without a status", "pass"],
    s3mini: [
      "null, for a missing bucket too",
      "pass",
      "Null says that a key is missing; 1/bucket is where it does not do.",
    ],
    lean: ["code Unknown", name],
    fetch: ["the response, 404", "pass"],
  },
  "1/bucket": { s3mini: ["null", "lies"] },
  "2": {
    aws: ["NotFound", "pass"],
    minio: ["NotFound", "pass"],
    s3mini: ["an Error around S3ServiceError Unknown", "pass", because.status],
    lean: ["NoSuchKey, of its own invention", "pass"],
    fetch: ["the response, 404", "pass"],
  },
  "3": {
    aws: ["Unknown", "pass", because.status],
    minio: ["AccessDenied", "pass"],
    s3mini: ["S3ServiceError Unknown", "pass", because.status],
    lean: ["AccessDenied", "pass"],
    fetch: ["the response, 403", "pass"],
  },
  "4": {
    aws: ["ExpiredToken, one attempt, no new credentials", "pass"],
    minio: ["ExpiredToken", "pass"],
    s3mini: ["S3ServiceError with the document, token and all", "not driven", because.token],
    lean: ["ExpiredToken", "not driven", because.token],
    fetch: ["the response, 400", "pass"],
  },
  "4/refreshed": { aws: ["one attempt, no new credentials", retry] },
  "5": {
    aws: ["SlowDown after 3 attempts", "pass"],
    minio: ["a plain Error after 2 attempts, without code or id", name],
    s3mini: ["S3ServiceError, 1 attempt", retry],
    lean: ["a plain Error that says 503 is not implemented, 1 attempt", nameAndRetry],
    fetch: ["the response, 503, after 4 attempts", "pass"],
  },
  "5b": {
    aws: ["waits as long as it is told", "pass"],
    minio: ["ignores it", retry],
    fetch: ["ignores it", retry],
  },
  "6": {
    aws: ["PermanentRedirect", "pass"],
    minio: ["PermanentRedirect", "pass"],
    s3mini: ["S3ServiceError", "pass"],
    lean: ["a plain Error that says 301 is not implemented", name],
    fetch: ["the response, 301", "pass"],
  },
  "6/head": {
    aws: ["Unknown", "pass", because.status],
    minio: ["MovedPermanently", "pass"],
  },
  "7": {
    aws: ["PreconditionFailed", "pass"],
    minio: ["PreconditionFailed", "pass"],
    s3mini: ["S3ServiceError", "pass"],
    lean: [
      "PreconditionFailed",
      "not driven",
      "Its write has no such condition; before, the server answered so unasked.",
    ],
    fetch: ["the response, 412", "pass"],
  },
  "8": {
    aws: ["Unknown", "pass", because.status],
    minio: ["S3Error with an empty code", "not driven", because.noCondition],
    s3mini: ["null, as for a missing key", "lies"],
    lean: ["a plain Error that says 304 is not implemented", "not driven", because.noCondition],
    fetch: ["the response, 304", "pass"],
  },
  "9": {
    aws: ["its name, one attempt", retry],
    minio: ["its name, one attempt", retry],
    s3mini: ["S3ServiceError, one attempt", retry],
    lean: [
      "its name",
      "not driven",
      "Its write has no such condition; before, the server answered so unasked.",
    ],
    fetch: ["the response, 409", retry],
  },
  "10": {
    aws: ["Unknown after 3 attempts", "pass", because.status],
    minio: ["a plain Error after 2 attempts", name],
    s3mini: ["S3ServiceError Unknown with the page, 1 attempt", retry],
    lean: ["a plain Error", nameAndRetry],
    fetch: ["the response, 500, after 4 attempts", "pass"],
  },
  "10b": {
    aws: ["a plain Error of its XML parser after 3 attempts", "pass", because.status],
    minio: ["a plain Error", name],
    s3mini: ["S3ServiceError Unknown", retry],
    lean: ["Unknown", nameAndRetry],
    fetch: ["the response, 500", "pass"],
  },
  "10c": {
    aws: ["a plain Error of its XML parser", "pass", because.status],
    minio: ["a plain Error", name],
    s3mini: ["S3ServiceError Unknown", retry],
    lean: ["a plain Error", nameAndRetry],
    fetch: ["the response, 500", "pass"],
  },
  "11": {
    aws: ["InternalError after 3 attempts", "pass"],
    minio: ["throws an object that is no Error, with the code", "pass"],
    s3mini: ["a plain Error about an ETag", name],
    fetch: ["the response, 200", "not driven", because.document],
  },
  "11b": {
    aws: ["InternalError after 3 attempts", "pass"],
    minio: ["throws an object that is no Error, with the code", "pass"],
    s3mini: ["success", "loses data, lies"],
    lean: ["success", "not driven", because.noStream],
    fetch: ["the response, 200", "not driven", because.document],
  },
  "11c": {
    aws: ["InternalError after 3 attempts", "pass"],
    minio: ["throws an object that is no Error, with the code", "pass"],
    s3mini: ["an empty list", "lies"],
    lean: ["an empty list", "lies"],
    fetch: ["the response, 200", "not driven", because.document],
  },
  "11d": {
    aws: ["InternalError after 3 attempts", "pass"],
    minio: ["a TypeError of its own code", name],
    s3mini: ["a plain Error", name],
    lean: ["success", "not driven", because.noStream],
    fetch: ["the response, 200", "not driven", because.document],
  },
  "11e": {
    aws: ["a plain Error of its XML parser, one attempt", name],
    minio: [
      "a plain Error about a tag that is not closed",
      "lies",
      "The list breaks off within a key here, and its parser makes an entry of that.",
    ],
    s3mini: ["an empty list", "lies"],
    lean: [
      "S3Error Unknown",
      name,
      "A TypeError of its own code this time, which tells as little.",
    ],
    flydrive: ["throws", name],
    flystorage: ["throws", name],
  },
  "11e/page": {
    flydrive: ["an empty list", "lies"],
    flystorage: ["an empty list", "lies"],
  },
  "11f": {
    aws: ["success without an ETag, one attempt", "loses data, lies"],
    s3mini: ["success without the newline as well", "loses data, lies"],
    lean: ["success without the newline as well", "not driven", because.noStream],
  },
  "12": {
    aws: ["a plain Error, ECONNRESET", "pass"],
    minio: ["a plain Error, ECONNRESET", "pass"],
    s3mini: ["a TypeError around ECONNRESET", "pass"],
    lean: ["S3Error Unknown around it", "pass"],
    fetch: ["a TypeError around it", "pass"],
    flystorage: ["the raw ECONNRESET", "pass"],
  },
  "12b": {
    aws: ["a plain Error, aborted", "pass"],
    minio: ["a plain Error, aborted", "pass"],
    s3mini: ["a TypeError around UND_ERR_SOCKET", "pass"],
    lean: ["S3Error Unknown around it", "pass"],
    fetch: ["a TypeError around UND_ERR_SOCKET", "pass"],
  },
  "12c": {
    aws: ["hangs; a TimeoutError with `socketTimeout`", "pass", because.timeout],
    minio: ["hangs", "hangs"],
    s3mini: ["hangs", "pass", because.timeout],
    lean: ["hangs", "hangs"],
    fetch: ["hangs", "pass", "The adapter gives each request a signal that ends it."],
  },
  "13": {
    aws: ["a reset called a TimeoutError, 3 attempts", "misnames"],
    minio: ["the raw ECONNRESET, 1 attempt", retry],
    s3mini: ["a TypeError around it", retry],
    lean: ["S3Error Unknown around it", retry],
    fetch: ["a TypeError around it", retry],
  },
  "14": {
    aws: ["ENOTFOUND after 3 attempts", "pass"],
    minio: ["the raw ENOTFOUND", "pass"],
    s3mini: ["S3NetworkError ENOTFOUND", "pass"],
    lean: ["S3Error Unknown around it", "pass"],
    fetch: ["a TypeError around it", "pass"],
  },
  "15": {
    aws: ["hangs, and warns, unless `throwOnRequestTimeout` is set", "pass", because.timeout],
    minio: ["hangs", "hangs"],
    s3mini: ["a TimeoutError of its own option", "pass"],
    lean: ["hangs", "hangs"],
    fetch: ["the signal's TimeoutError", "pass"],
    flydrive: ["hangs, and warns", "pass", because.timeout],
    flystorage: ["hangs, and warns", "pass", because.timeout],
  },
  "16": {
    aws: ["AbortError without the reason", "pass"],
    fetch: ["the signal's reason", "pass"],
  },
  "16/body": { aws: ["ECONNRESET, as if the peer had done it", "misnames"] },
  "17": {
    aws: ["fails at once, as the stream cannot be read twice", "pass", because.parts],
    minio: ["sends the rest of a stream that it has read", "pass", because.parts],
    fetch: [
      "a TypeError, as the body is used",
      "not driven",
      "A stream of unknown length goes out chunked, which S3 refuses.",
    ],
  },
  "18": { aws: ["a plain Error without code or status, one attempt", name] },
  "19": {
    aws: ["Unknown, 3 attempts", "pass", because.status],
    minio: ["a plain Error", name],
    fetch: ["the response, 503", "pass"],
  },
  "20": { aws: ["PreconditionFailed, though it is its own object", "lies"] },
  "21": {
    aws: ["corrects its clock", "pass"],
    minio: ["does not correct it", "pass", "It says RequestTimeTooSkewed, which is the truth."],
    s3mini: ["does not correct it", "pass", "It says RequestTimeTooSkewed, which is the truth."],
    lean: ["does not correct it", name],
    fetch: ["does not correct it", "pass", "The response's document says RequestTimeTooSkewed."],
  },
  "22": {
    aws: ["all right", "pass"],
    minio: [
      "a reference as it came, 0x10 for 16, spaces gone",
      "lies",
      "Of these, only the number: it asks for encoded keys, which the lab sends.",
    ],
    s3mini: ["a reference as it came, spaces gone", "lies"],
    lean: ["numbers and true instead of keys", "lies"],
    fetch: ["the response", "not driven", because.document],
  },
  "23": {
    aws: ["out of memory after 72 s", "dies", because.byMemory],
    minio: ["out of memory after 50 s", name, because.byStatus],
    s3mini: ["the status, with 294 MB held", "pass"],
    lean: ["out of memory after 44 s", name, because.byStatus],
    fetch: ["the response", "pass"],
  },
  "23b": {
    aws: ["blocks the process for 4.1 s at a time", "dies", because.byMemory],
    minio: ["blocks the process for 4.6 s", name, because.byStatus],
    s3mini: ["0.6 s", "pass"],
    lean: ["blocks the process for 2.7 s", name, because.byStatus],
  },
};

function isClient(word: string): word is keyof typeof names {
  return Object.hasOwn(names, word);
}

/** The situations that clients were measured in before the lab was there, in the order of the matrix. */
export const measuredBefore: readonly Note[] = Object.entries(cells).flatMap(
  ([scenario, byClient]) =>
    Object.entries(byClient).flatMap(([client, [before, now, why]]) =>
      isClient(client)
        ? [
            {
              scenario,
              client: names[client],
              before,
              now,
              ...(why !== undefined && { because: why }),
            },
          ]
        : [],
    ),
);
