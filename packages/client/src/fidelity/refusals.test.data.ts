import { answer, headerIds, refusal } from "./replies.test.support.ts";
import {
  credentials,
  echoedToken,
  throttled,
  transient,
  type Situation,
} from "./situation.test.support.ts";
import type { Reply } from "./scripted-server.test.support.ts";

const object = (): Reply => answer({ headers: { ETag: '"e"' }, body: "the object" });
const slowDown = (headers?: Record<string, string>): Reply =>
  refusal(503, "SlowDown", headers && { headers });
const expired = (): Reply => refusal(400, "ExpiredToken", { details: { "Token-0": echoedToken } });

/** Where the service says no, or not now, or not here. */
export const refusals: readonly Situation[] = [
  {
    id: "1",
    arranged: "404 with the code NoSuchKey",
    script: () => [refusal(404, "NoSuchKey", { details: { Key: "gone" } })],
    done: "getObject",
    act: ({ subject }) => subject.get("gone"),
    expected: {
      failure: {
        class: "S3NotFoundError",
        code: "NoSuchKey",
        status: 404,
        retryable: false,
        attempts: 1,
        codeInferred: false,
        requestId: headerIds.requestId,
      },
      requests: 1,
    },
    others: "one returns null for a missing bucket too, one loses the code, two have no status",
    why: "A missing key is an answer; a missing bucket is a mistake in the configuration.",
  },
  {
    id: "1/bucket",
    arranged: "404 with the code NoSuchBucket",
    script: () => [refusal(404, "NoSuchBucket", { details: { BucketName: "fidelity" } })],
    done: "getObject",
    act: ({ subject }) => subject.get("gone"),
    expected: {
      failure: {
        class: "S3NotFoundError",
        code: "NoSuchBucket",
        status: 404,
        retryable: false,
        attempts: 1,
      },
      requests: 1,
    },
    others: "one returns null as for a key, one says NoSuchKey",
    why: "Who takes it for a missing key writes a cache full of false absences.",
  },
  {
    id: "2",
    arranged: "404 without a body",
    script: () => [answer({ status: 404, framing: "none" })],
    done: "headObject",
    act: ({ subject }) => subject.head("gone"),
    expected: {
      failure: {
        class: "S3NotFoundError",
        code: "NotFound",
        status: 404,
        retryable: false,
        attempts: 1,
        codeInferred: true,
        requestId: headerIds.requestId,
      },
      requests: 1,
    },
    others: "the message is UnknownError, or a code is made up that the server never sent",
    why: "HEAD cannot say whether key or bucket is missing, so neither may be claimed.",
  },
  {
    id: "3",
    arranged: "403 without a body",
    script: () => [answer({ status: 403, framing: "none" })],
    done: "headObject",
    act: ({ subject }) => subject.head("hidden"),
    expected: {
      failure: {
        class: "S3AccessDeniedError",
        code: "AccessDenied",
        status: 403,
        retryable: false,
        attempts: 1,
        codeInferred: true,
      },
      requests: 1,
    },
    others: "four give it no name, and in one of them the bucket does not exist",
    why: "What may not be seen is not what does not exist.",
  },
  {
    id: "4",
    arranged:
      "400 with the code ExpiredToken and the token in the document, to credentials that cannot change",
    script: () => [expired()],
    done: "putObject",
    act: ({ subject }) => subject.put("object", "bytes"),
    expected: {
      failure: {
        class: "S3AccessDeniedError",
        code: "ExpiredToken",
        status: 400,
        retryable: false,
        attempts: 1,
      },
      requests: 1,
    },
    others: "four hand the token on as a property or in the body",
    why: "An error is logged; a token in a log is a token given away.",
  },
  {
    id: "4/refreshed",
    arranged: "400 with the code ExpiredToken, until someone else signs",
    script: () => (request) =>
      request.headers.get("authorization")?.includes("AKIDRENEWED") === true
        ? answer({ headers: { ETag: '"e"' } })
        : expired(),
    credentials: (asked) =>
      asked === 1 ? credentials : { ...credentials, accessKeyId: "AKIDRENEWED" },
    done: "putObject",
    act: ({ subject }) => subject.put("object", "bytes"),
    expected: { value: "e", requests: 2, gaps: [[0, 50]] },
    after: (stage) =>
      stage.credentialsAsked() === 2 ? [] : [`asked ${stage.credentialsAsked()} times`],
    others: "none was seen to ask for new credentials",
    why: "A long run outlives its token.",
  },
  {
    id: "4/token",
    arranged: "400 with the code ExpiredToken, until the same key comes with another token",
    script: () => (request) =>
      request.headers.get("x-amz-security-token") === "a-renewed-session-token"
        ? answer({ headers: { ETag: '"e"' } })
        : expired(),
    credentials: (asked) =>
      asked === 1 ? credentials : { ...credentials, sessionToken: "a-renewed-session-token" },
    done: "putObject",
    act: ({ subject }) => subject.put("object", "bytes"),
    expected: { value: "e", requests: 2, gaps: [[0, 50]] },
    others: "as 4/refreshed",
    why: "It is the token that expired, not the key.",
  },
  {
    id: "4/signature",
    arranged: "403 with the code SignatureDoesNotMatch and all that was signed in the document",
    script: () => (request) => {
      const echoed = [...request.headers].map(([name, value]) => `${name}:${value}`).join("\n");
      const authorization = request.headers.get("authorization") ?? "";
      return refusal(403, "SignatureDoesNotMatch", {
        details: {
          AWSAccessKeyId: credentials.accessKeyId,
          StringToSign: `AWS4-HMAC-SHA256\n${echoed}`,
          SignatureProvided: authorization.split("Signature=")[1] ?? "",
          CanonicalRequest: `GET\n/fidelity/object\n\n${echoed}`,
        },
      });
    },
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3AccessDeniedError",
        code: "SignatureDoesNotMatch",
        status: 403,
        retryable: false,
        attempts: 1,
      },
      requests: 1,
    },
    others: "not measured",
    why: "As 4; who has a signature and its token can act for their owner until they expire.",
  },
  {
    id: "5",
    arranged: "503 with the code SlowDown, each time",
    script: () => [slowDown(), slowDown(), slowDown()],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3ThrottledError",
        code: "SlowDown",
        status: 503,
        retryable: true,
        attempts: 3,
      },
      requests: 3,
      gaps: throttled,
      delays: throttled,
    },
    others:
      "one says only that retries ran out, three do not try again, one says not implemented yet",
    why: "A service that asks for less must be given less, and the caller told which service it was.",
  },
  {
    id: "5b",
    arranged: "503 with the code SlowDown and Retry-After: 2, once",
    script: () => [slowDown({ "Retry-After": "2" }), object()],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: { value: "the object", requests: 2, gaps: [[2000, 2000]] },
    others: "five of six ignore it",
    why: "The service knows when it will have room.",
  },
  {
    id: "5b/told",
    arranged: "503 with the code SlowDown and Retry-After: 1, each time",
    script: () => Array.from({ length: 3 }, () => slowDown({ "Retry-After": "1" })),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3ThrottledError",
        code: "SlowDown",
        status: 503,
        retryable: true,
        attempts: 3,
        retryAfter: 1,
      },
      requests: 3,
      gaps: [
        [1000, 1000],
        [1000, 2000],
      ],
    },
    others: "not measured",
    why: "Who gives up for now can say when to come back.",
  },
  {
    id: "6",
    arranged:
      "301 with the code PermanentRedirect and the bucket's region, until signed for that region",
    script: () => (request) =>
      request.headers.get("authorization")?.includes("/eu-west-1/s3/") === true
        ? object()
        : refusal(301, "PermanentRedirect", { headers: { "x-amz-bucket-region": "eu-west-1" } }),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: { value: "the object", requests: 2, gaps: [[0, 50]] },
    others: "two take it for success, one of them with the error document as the object's bytes",
    why: "The answer says what to do next; a client that can read does it.",
  },
  {
    id: "6/nowhere",
    arranged: "301 with the code PermanentRedirect and nothing of a region",
    script: () => [refusal(301, "PermanentRedirect")],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3ClientError",
        code: "PermanentRedirect",
        status: 301,
        retryable: false,
        attempts: 1,
      },
      requests: 1,
    },
    others: "as 6",
    why: "A 301 is not an object.",
  },
  {
    id: "6/head",
    arranged: "301 without a body, with the bucket's region, until signed for that region",
    script: () => (request) =>
      request.headers.get("authorization")?.includes("/eu-west-1/s3/") === true
        ? answer({ headers: { ETag: '"e"', "Content-Length": "10" }, framing: "none" })
        : answer({
            status: 301,
            framing: "none",
            headers: { "x-amz-bucket-region": "eu-west-1" },
          }),
    done: "headObject",
    act: ({ subject }) => subject.head("object"),
    expected: { value: 10, requests: 2, gaps: [[0, 50]] },
    others: "two give it no name",
    why: "The header is there even where the document is not.",
  },
  {
    id: "6/loop",
    arranged: "301 with the code PermanentRedirect and a region, in each region",
    script: () => (request) =>
      refusal(301, "PermanentRedirect", {
        headers: { "x-amz-bucket-region": request.index === 0 ? "eu-west-1" : "us-east-1" },
      }),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3ClientError",
        code: "PermanentRedirect",
        status: 301,
        retryable: false,
        attempts: 2,
      },
      requests: 2,
      gaps: [[0, 50]],
    },
    others: "not measured",
    why: "Two services that point at each other must not be asked for ever.",
  },
  {
    id: "6/malformed",
    arranged:
      "400 with the code AuthorizationHeaderMalformed and a region in the document, until signed for it",
    script: () => (request) =>
      request.headers.get("authorization")?.includes("/eu-west-1/s3/") === true
        ? object()
        : refusal(400, "AuthorizationHeaderMalformed", { details: { Region: "eu-west-1" } }),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: { value: "the object", requests: 2, gaps: [[0, 50]] },
    others: "not measured",
    why: "It is the same news in other words.",
  },
  {
    id: "7",
    arranged: "412 with the code PreconditionFailed",
    script: () => [refusal(412, "PreconditionFailed", { details: { Condition: "If-None-Match" } })],
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "bytes", { ifNoneMatch: "*" }),
    expected: {
      failure: {
        class: "S3PreconditionFailedError",
        code: "PreconditionFailed",
        status: 412,
        retryable: false,
        attempts: 1,
        ambiguous: false,
      },
      requests: 1,
    },
    others: "most tell the code; none has a class for it",
    why: "It is the answer that locks and queues are built on.",
  },
  {
    id: "7/early",
    arranged:
      "412 with the code PreconditionFailed as soon as the head of a request of 20 MB is there",
    script: () => [{ ...refusal(412, "PreconditionFailed"), after: "head" }],
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "x".repeat(20_000_000), { ifNoneMatch: "*" }),
    expected: {
      failure: {
        class: "S3PreconditionFailedError",
        code: "PreconditionFailed",
        status: 412,
        retryable: false,
        attempts: 1,
      },
      requests: 1,
    },
    others: "not measured",
    why: "An answer that comes early is an answer, and no broken pipe.",
  },
  {
    id: "8",
    arranged: "304",
    script: () => [answer({ status: 304, framing: "none", headers: { ETag: '"e"' } })],
    done: "getObject with If-None-Match",
    act: ({ subject }) => subject.get("object", { ifNoneMatch: '"e"' }),
    expected: { value: "not modified", requests: 1 },
    others: "five throw something without a name, one answers null, one with an empty object",
    why: "It is what the caller hoped for, and no failure; nor is it an empty object.",
  },
  {
    id: "9",
    arranged: "409 with the code ConditionalRequestConflict, once",
    script: () => [
      refusal(409, "ConditionalRequestConflict"),
      answer({ headers: { ETag: '"e"' } }),
    ],
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "bytes", { ifNoneMatch: "*" }),
    expected: { value: "e", requests: 2, gaps: transient },
    others: "the one whose requests were counted does not try again",
    why: "It says that two were at it at once, not who won; only asking again tells.",
  },
  {
    id: "9/each",
    arranged: "409 with the code ConditionalRequestConflict, each time",
    script: () => Array.from({ length: 3 }, () => refusal(409, "ConditionalRequestConflict")),
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "bytes", { ifNoneMatch: "*" }),
    expected: {
      failure: {
        class: "S3ConflictError",
        code: "ConditionalRequestConflict",
        status: 409,
        attempts: 3,
      },
      requests: 3,
      gaps: transient,
    },
    others: "the one whose requests were counted does not try again",
    why: "A conflict that does not pass is the caller's to settle.",
  },
  {
    id: "19",
    arranged: "503 without a body, each time",
    script: () => Array.from({ length: 3 }, () => answer({ status: 503, framing: "none" })),
    done: "headObject",
    act: ({ subject }) => subject.head("object"),
    expected: {
      failure: {
        class: "S3ThrottledError",
        code: "SlowDown",
        status: 503,
        retryable: true,
        attempts: 3,
        codeInferred: true,
      },
      requests: 3,
      gaps: throttled,
      delays: throttled,
    },
    others: "one tries again twenty times faster than for the same answer to a GET",
    why: "A throttled HEAD must not become the fastest way to throttle the service more.",
  },
  {
    id: "21",
    arranged:
      "403 with the code RequestTimeTooSkewed from a clock an hour ahead, until signed by that clock",
    script: () => (request) => {
      const ahead = Date.now() + 3_600_000;
      const signed = Date.parse(isoOf(request.headers.get("x-amz-date") ?? ""));
      const date = new Date(ahead).toUTCString();
      return Math.abs(ahead - signed) < 300_000
        ? answer({ headers: { Date: date, ETag: '"e"' }, body: "the object" })
        : refusal(403, "RequestTimeTooSkewed", { headers: { Date: date } });
    },
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: { value: "the object", requests: 2, gaps: [[0, 50]] },
    others: "seven hand it to the caller, one of them as AccessDenied",
    why: "The answer carries the right time.",
  },
];

/** `20261121T100000Z` as `Date` reads it. */
export function isoOf(amzDate: string): string {
  return amzDate.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, "$1-$2-$3T$4:$5:$6Z");
}
