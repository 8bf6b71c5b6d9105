import { parseAmzDate } from "@holdfast/protocol";
import { answer, refusal, type Reply } from "@holdfast/lab";
import { credentials, echoedToken, type Situation } from "./situation.ts";

const object = (): Reply => answer({ headers: { ETag: '"e"' }, body: "the object" });
const expired = (): Reply => refusal(400, "ExpiredToken", { details: { "Token-0": echoedToken } });

/** Where who signs is not who may, or signs for another place or time. */
export const wrongSigners: readonly Situation[] = [
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
    id: "21",
    arranged:
      "403 with the code RequestTimeTooSkewed from a clock an hour ahead, until signed by that clock",
    script: () => (request) => {
      const ahead = Date.now() + 3_600_000;
      const signed = parseAmzDate(request.headers.get("x-amz-date") ?? "") ?? 0;
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
