import { inspect } from "node:util";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { catalogue, type ErrorRow } from "@holdfast/protocol";
import { S3NotFoundError } from "./classes.ts";
import { clientCodes } from "./client-codes.ts";
import type { S3Error } from "./s3-error.ts";
import { toS3Error, type FailureCourse } from "./to-s3-error.ts";
import type { WireFailureFields } from "./wire-failure.ts";

const context = {
  operation: "GetObject",
  bucket: "photos",
  key: "cat.jpg",
  region: "eu-west-1",
  endpoint: "http://127.0.0.1:9000",
};

function course(more: Partial<FailureCourse> = {}): FailureCourse {
  return { context, history: [], ambiguous: false, ...more };
}

function make(failure: WireFailureFields, more?: Partial<FailureCourse>): S3Error {
  return toS3Error(failure, course(more));
}

describe("the class", () => {
  test.each([
    [{ code: "NoSuchKey", status: 404 }, "S3NotFoundError"],
    [{ code: "NoSuchBucket", status: 404 }, "S3NotFoundError"],
    [{ code: "AccessDenied", status: 403 }, "S3AccessDeniedError"],
    [{ code: "AccessDenied", status: 500 }, "S3AccessDeniedError"],
    [{ code: "SignatureDoesNotMatch", status: 403 }, "S3AccessDeniedError"],
    [{ code: "PreconditionFailed", status: 412 }, "S3PreconditionFailedError"],
    [{ code: "ConditionalRequestConflict", status: 409 }, "S3ConflictError"],
    [{ code: "SlowDown", status: 503 }, "S3ThrottledError"],
    [{ code: "InternalError", status: 200 }, "S3ServerError"],
    [{ code: "BadDigest", status: 400 }, "S3IntegrityError"],
    [{ code: "NeverHeardOf", status: 404 }, "S3NotFoundError"],
    [{ code: "NeverHeardOf", status: 418 }, "S3InvalidRequestError"],
    [{ code: "NeverHeardOf", status: 599 }, "S3ServerError"],
    [{ code: "ClientDisconnected", status: 499 }, "S3ClientError"],
    [{ code: "MalformedResponse", status: 404 }, "S3ServerError"],
    [{ code: "InvalidBucketName" }, "S3InvalidRequestError"],
    [{ code: "InvalidRequest" }, "S3InvalidRequestError"],
    [{ code: "ECONNRESET", phase: "headers" }, "S3TransportError"],
    [{ code: "ECONNRESET", status: 200, phase: "body" }, "S3TransportError"],
    [{ code: "TruncatedBody", status: 200, phase: "body" }, "S3TransportError"],
    [{ code: "HeadersTimeout", phase: "headers" }, "S3TimeoutError"],
    [{ code: "Aborted" }, "S3AbortedError"],
    [{ code: "BodySourceFailed", phase: "request" }, "S3SourceError"],
  ] as const)("of %j is %s", (failure, name) => {
    expect(make(failure).name).toBe(name);
  });

  test("is chosen for every code of the catalogue and of the client, and only a caller aborts", () => {
    const rows: readonly (readonly [string, ErrorRow])[] = Object.entries(catalogue);
    const wrong = rows.filter(([code, { status }]) =>
      ["S3Error", "S3AbortedError"].includes(make({ code, status }).name),
    );
    expect(wrong).toEqual([]);
    expect(Object.keys(clientCodes).filter((code) => make({ code }).name === "S3Error")).toEqual(
      [],
    );
  });
});

test.each([
  ["transient", { code: "InternalError", status: 500 }, true],
  ["throttling", { code: "SlowDown", status: 503 }, true],
  ["credentials", { code: "ExpiredToken", status: 400 }, false],
  ["region", { code: "PermanentRedirect", status: 301 }, false],
  ["clock-skew", { code: "SignatureDoesNotMatch", status: 403 }, false],
  ["restart", { code: "PreconditionFailed", status: 412 }, false],
  ["never", { code: "NoSuchKey", status: 404 }, false],
  ["transient", { code: "ENOTFOUND", phase: "connect" }, true],
  ["never", { code: "CERT_HAS_EXPIRED", phase: "connect" }, false],
] as const)(
  "what the client mends once itself is not retryable after it: %s of %j",
  (retry, failure, retryable) => {
    expect(make(failure)).toMatchObject({ retry, retryable });
  },
);

describe("the message", () => {
  const said: readonly (readonly [string, WireFailureFields, Partial<FailureCourse>])[] = [
    [
      "GetObject photos/cat.jpg failed with NoSuchKey (404): The service gave no reason.",
      { code: "NoSuchKey", status: 404 },
      {},
    ],
    [
      "GetObject photos/cat.jpg failed with NoSuchKey (404): Gone!",
      { code: "NoSuchKey", status: 404, message: "Gone!" },
      {},
    ],
    [
      "ListBuckets failed with status 409: The service gave no reason.",
      { code: "409", status: 409, message: "The service gave no reason" },
      { context: { operation: "ListBuckets" } },
    ],
    [
      "GetObject photos/cat.jpg failed with ECONNREFUSED: No connection could be made: connect ECONNREFUSED 127.0.0.1:9.",
      {
        code: "ECONNREFUSED",
        phase: "connect",
        cause: new Error("connect ECONNREFUSED 127.0.0.1:9"),
      },
      {},
    ],
    [
      "PutObject b/a b failed after 2 attempts with ECONNRESET: The connection broke before the answer began. It may have been carried out.",
      { code: "ECONNRESET", phase: "headers" },
      {
        context: { operation: "PutObject", bucket: "b", key: "a\r\nb" },
        ambiguous: true,
        history: [
          { attempt: 1, errorCode: "ECONNRESET", delayMs: 3 },
          { attempt: 2, errorCode: "ECONNRESET" },
        ],
      },
    ],
  ];
  test.each(said)("is one sentence for a person: %s", (message, failure, more) => {
    expect(make(failure, more).message).toBe(message);
  });
});

test("the shape of an error is what it was", () => {
  const error = make(
    {
      code: "SlowDown",
      status: 503,
      message: "Reduce your request rate.",
      requestId: "R2",
      hostId: "H2",
      retryAfter: 2,
      details: { Resource: "/photos" },
    },
    {
      history: [
        { attempt: 1, errorCode: "ECONNRESET", delayMs: 20 },
        { attempt: 2, errorCode: "SlowDown", statusCode: 503, requestId: "R2" },
      ],
    },
  );
  expect(error.toJSON()).toMatchInlineSnapshot(`
    {
      "ambiguous": false,
      "attempts": 2,
      "bucket": "photos",
      "category": "throttled",
      "causes": [],
      "codeInferred": false,
      "details": {
        "Resource": "/photos",
      },
      "endpoint": "http://127.0.0.1:9000",
      "errorCode": "SlowDown",
      "history": [
        {
          "attempt": 1,
          "delayMs": 20,
          "errorCode": "ECONNRESET",
        },
        {
          "attempt": 2,
          "errorCode": "SlowDown",
          "requestId": "R2",
          "statusCode": 503,
        },
      ],
      "hostId": "H2",
      "key": "cat.jpg",
      "message": "GetObject photos/cat.jpg failed after 2 attempts with SlowDown (503): Reduce your request rate.",
      "name": "S3ThrottledError",
      "operation": "GetObject",
      "phase": undefined,
      "region": "eu-west-1",
      "requestId": "R2",
      "retry": "throttling",
      "retryAfter": 2,
      "retryable": true,
      "statusCode": 503,
    }
  `);
  expect(Object.keys(error).toSorted()).toMatchInlineSnapshot(`
    [
      "ambiguous",
      "attempts",
      "bucket",
      "category",
      "causes",
      "codeInferred",
      "details",
      "endpoint",
      "errorCode",
      "history",
      "hostId",
      "key",
      "operation",
      "phase",
      "region",
      "requestId",
      "retry",
      "retryAfter",
      "retryable",
      "statusCode",
    ]
  `);
  expect(inspect(error).replace(/\n {4}at .*/g, "")).toMatchInlineSnapshot(`
    "S3ThrottledError: GetObject photos/cat.jpg failed after 2 attempts with SlowDown (503): Reduce your request rate.
      errorCode: 'SlowDown',
      statusCode: 503,
      operation: 'GetObject',
      bucket: 'photos',
      key: 'cat.jpg',
      category: 'throttled',
      retry: 'throttling',
      retryable: true,
      retryAfter: 2,
      requestId: 'R2',
      hostId: 'H2',
      region: 'eu-west-1',
      endpoint: 'http://127.0.0.1:9000',
      details: { Resource: '/photos' },
      attempts: 2,
      history: [
        { attempt: 1, errorCode: 'ECONNRESET', delayMs: 20 },
        {
          attempt: 2,
          errorCode: 'SlowDown',
          statusCode: 503,
          requestId: 'R2'
        }
      ]
    }"
  `);
});

describe("the cause", () => {
  test("is kept as it is, and its chain is there in words", () => {
    const root = Object.assign(new Error("disk"), { code: "EIO" });
    const cause = new TypeError("stream", { cause: root });
    const error = make({ code: "BodySourceFailed", phase: "request", cause });
    expect(error.cause).toBe(cause);
    expect(error.causes).toEqual([
      { name: "TypeError", message: "stream" },
      { name: "Error", code: "EIO", message: "disk" },
    ]);
  });

  test("may be anything, endless or hostile, and costs at most eight lines of it", () => {
    const circular = new Error("one");
    circular.cause = new Error("two", { cause: circular });
    let long = new Error("0");
    for (let depth = 1; depth < 100; depth += 1) long = new Error(`${depth}`, { cause: long });
    const hostile = new Proxy(new Error("x"), {
      get: () => {
        throw new Error("no");
      },
    });
    expect(make({ code: "Aborted", cause: circular }).causes).toHaveLength(2);
    expect(make({ code: "Aborted", cause: long }).causes).toHaveLength(8);
    expect(make({ code: "Aborted", cause: hostile }).causes).toEqual([
      { name: "Object", message: "" },
    ]);
    expect(make({ code: "Aborted", cause: "enough" }).causes).toEqual([
      { name: "string", message: "enough" },
    ]);
    expect(make({ code: "Aborted" }).causes).toEqual([]);
    expect("cause" in make({ code: "Aborted" })).toBe(false);
  });

  test("of many addresses tried shows the first three", () => {
    const errors = ["a", "b", "c", "d"].map((text) => new Error(text));
    const { causes } = make({
      code: "ECONNREFUSED",
      phase: "connect",
      cause: new AggregateError(errors),
    });
    expect(causes.map(({ message }) => message)).toEqual(["", "a", "b", "c"]);
  });
});

test("the stack begins where the operation failed and reaches the function that awaits it", async () => {
  async function attempt(): Promise<never> {
    await Promise.resolve();
    throw make({ code: "NoSuchKey", status: 404 });
  }
  async function theCaller(): Promise<void> {
    await attempt();
  }
  const error = await theCaller().catch((thrown: unknown) => thrown);
  if (!S3NotFoundError.is(error)) throw new Error("not the error that was thrown");
  expect(error.stack).toMatch(/^S3NotFoundError: GetObject photos/);
  expect(error.stack).toContain("theCaller");
  expect(error.stack).not.toContain("toS3Error");
  expect(error.stack).not.toContain("new S3");
});

/** All that anyone may log of an error. */
function shown(error: S3Error): string {
  return [
    error.message,
    error.stack,
    String(error),
    JSON.stringify(error),
    inspect(error, { depth: 9, showHidden: false }),
    inspect({ error }, { depth: 9 }),
  ].join("\n");
}

const base64 = fc
  .uint8Array({ minLength: 16, maxLength: 48 })
  .map((bytes) => Buffer.from(bytes).toString("base64"));

/** How servers, proxies and libraries put what they were sent into words. */
const disguises: readonly ((secret: string) => string)[] = [
  (secret) => `X-Amz-Signature=${secret}`,
  (secret) => `GET /b/k?X-Amz-Expires=9&X-Amz-Security-Token=${encodeURIComponent(secret)}&x=1`,
  (secret) => `url=%2Fb%3FX-Amz-Signature%3D${encodeURIComponent(secret)}`,
  (secret) =>
    `Authorization: AWS4-HMAC-SHA256 Credential=A/b, SignedHeaders=host, Signature=${secret}`,
  (secret) => `authorization=Bearer ${secret}`,
  (secret) => `the header was 'Basic ${secret}'`,
  (secret) => `AWS AKID:${secret}`,
  (secret) => `x-amz-security-token:${secret}\nx-amz-date:1`,
  (secret) => `{"SessionToken":"${secret}","SecretAccessKey": "${secret}"}`,
  (secret) => `<Token-0>${secret}</Token-0>`,
  (secret) => `x-amz-server-side-encryption-customer-key: ${secret}`,
  (secret) => `Cookie: session=${secret}; b=c`,
  (secret) => `password = ${secret}`,
];

function plant(text: string): WireFailureFields {
  const inner = Object.assign(new Error(text), { code: text });
  inner.name = text;
  return {
    code: text,
    status: 403,
    message: text,
    requestId: text,
    hostId: text,
    details: { [text]: text, Other: text },
    cause: new Error(text, { cause: inner }),
  };
}

test("a secret that a server or a library gives away by its name is in nothing that an error shows", () => {
  fc.assert(
    fc.property(base64, fc.constantFrom(...disguises), fc.string(), (secret, disguise, before) => {
      const text = `${before} ${disguise(secret)}`;
      const history = [{ attempt: 1, errorCode: text, requestId: text }];
      const words = shown(make(plant(text), { history }));
      expect(words).not.toContain(secret);
      expect(words).not.toContain(encodeURIComponent(secret));
    }),
  );
});

test("a secret of the client is in nothing that an error shows, wherever it was echoed", () => {
  fc.assert(
    fc.property(base64, fc.string(), fc.boolean(), (secret, around, encoded) => {
      const text = `${around}${encoded ? encodeURIComponent(secret) : secret}${around}`;
      const history = [{ attempt: 1, errorCode: text, requestId: text }];
      const words = shown(make(plant(text), { history, secrets: [secret] }));
      expect(words).not.toContain(secret);
      expect(words).not.toContain(encodeURIComponent(secret));
    }),
  );
});
