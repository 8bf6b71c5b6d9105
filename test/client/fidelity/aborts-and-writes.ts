import { createHash } from "node:crypto";
import {
  answer,
  brokenAnswer,
  refusal,
  silence,
  type ReceivedRequest,
  type Script,
  type Scripted,
} from "@holdfast/lab";
import { transient, type Expected, type Situation } from "./situation.ts";

const reason = new Error("the user went away");

const aborted = (requests: number): Expected => ({
  failure: { class: "S3AbortedError", code: "Aborted", retryable: false },
  cause: reason,
  requests,
  withinMs: 4500,
});

/** Aborts once the server has seen so many requests, after the given time. */
function abortedAfter(requests: number, ms: number): Situation["act"] {
  return async ({ subject, server }) => {
    const controller = new AbortController();
    const { signal } = controller;
    const watch = setInterval(() => {
      const last = server.requests[requests - 1];
      if (last !== undefined && performance.now() - last.at >= ms) controller.abort(reason);
    }, 5);
    try {
      return await subject.get("object", { signal });
    } finally {
      clearInterval(watch);
    }
  };
}

async function* readOnce(...pieces: readonly string[]): AsyncGenerator<Uint8Array> {
  for (const piece of pieces) yield Buffer.from(piece);
}

const stored = (): Scripted => answer({ headers: { ETag: '"e"' } });

/** A store with one object: a PUT that stands under a condition, whose answer is lost, and what is asked afterwards. */
function losesItsFirstAnswer(before: (request: ReceivedRequest) => boolean): Script {
  let object: ReceivedRequest | undefined;
  return (request) => {
    if (request.method === "PUT") {
      if (object !== undefined) return refusal(412, "PreconditionFailed");
      object = request;
      return silence({ does: "reset" });
    }
    if (object === undefined || !before(request)) return answer({ status: 404, framing: "none" });
    const metadata = [...object.headers].filter(([name]) => name.startsWith("x-amz-meta-"));
    const headers = Object.fromEntries(metadata);
    return answer({
      framing: "none",
      headers: { ...headers, ETag: `"${md5(object.bodyStart)}"`, "Content-Length": "5" },
    });
  };
}

function md5(bytes: Buffer): string {
  return createHash("md5").update(bytes).digest("hex");
}

/** The ETag of an upload of the one part that has the MD5 of nothing. */
const completedEtag = `${md5(Buffer.from("d41d8cd98f00b204e9800998ecf8427e", "hex"))}-1`;

/** Where the caller ends it, where bytes are not what they should be, and where a write's fate is in doubt. */
export const abortsAndWrites: readonly Situation[] = [
  {
    id: "16",
    arranged: "nothing, as nothing is asked",
    script: () => [],
    done: "getObject with a signal that is aborted already",
    act: ({ subject }) => subject.get("object", { signal: AbortSignal.abort(reason) }),
    expected: aborted(0),
    others: "one drops the reason and the cause",
    why: "Whose signal it was is what tells a user's click from a deadline.",
  },
  {
    id: "16/headers",
    arranged: "no answer; an abort while one is waited for",
    script: () => [silence({ does: "stall" })],
    done: "getObject",
    act: abortedAfter(1, 50),
    expected: aborted(1),
    others: "as 16",
    why: "As 16.",
  },
  {
    id: "16/backoff",
    arranged: "503 with the code SlowDown and Retry-After: 5; an abort in the wait after it",
    script: () => [refusal(503, "SlowDown", { headers: { "Retry-After": "5" } })],
    done: "getObject",
    act: abortedAfter(1, 100),
    expected: aborted(1),
    others: "as 16; one library of retries ignores signals while it waits",
    why: "Who waits five seconds for an abort has no abort.",
  },
  {
    id: "16/body",
    arranged: "silence after 1,000 of 4,000 bytes; an abort then",
    script: () => [
      brokenAnswer(
        { length: 4000, headers: { ETag: '"e"' }, body: "x".repeat(1000) },
        { does: "stall" },
      ),
    ],
    done: "getObject, body read",
    act: abortedAfter(1, 100),
    expected: aborted(1),
    others: "one tells of a reset by the peer",
    why: "The peer is blamed for what the caller did.",
  },
  {
    id: "16/timeout",
    arranged: "no answer; a signal of AbortSignal.timeout",
    script: () => [silence({ does: "stall" })],
    done: "getObject",
    act: ({ subject }) => subject.get("object", { signal: AbortSignal.timeout(100) }),
    expected: { ...aborted(1), cause: "TimeoutError" },
    others: "as 16",
    why: "As 16.",
  },
  {
    id: "17",
    arranged: "503 with the code SlowDown, after the body was read",
    script: () => [refusal(503, "SlowDown"), stored()],
    done: "putObject from a stream that can be read once",
    act: ({ subject }) => subject.put("object", readOnce("some ", "bytes")),
    expected: { value: "e", requests: 2, gaps: [[0, 1000]] },
    after: ({ server }) =>
      server.requests.every(({ bodyStart }) => bodyStart.toString() === "some bytes")
        ? []
        : ["other bytes were sent the second time"],
    others: "one sends the consumed stream again, one fails on it with a TypeError, one gives up",
    why: "A second try with a consumed stream writes an empty object.",
  },
  {
    id: "17/once",
    arranged: "503 with the code SlowDown, after the body was read",
    script: () => [refusal(503, "SlowDown")],
    done: "putObject from a stream of a stated length, which is not held in memory",
    act: ({ subject }) => subject.put("object", readOnce("some ", "bytes"), { contentLength: 10 }),
    expected: {
      failure: { class: "S3ThrottledError", code: "SlowDown", status: 503, attempts: 1 },
      requests: 1,
    },
    others: "as 17",
    why: "Who has the source can begin again; the client cannot.",
  },
  {
    id: "17/factory",
    arranged: "503 with the code SlowDown, after the body was read",
    script: () => [refusal(503, "SlowDown"), stored()],
    done: "putObject from a function that makes a stream",
    act: ({ subject }) =>
      subject.put("object", () => readOnce("some ", "bytes"), { contentLength: 10 }),
    expected: { value: "e", requests: 2, gaps: [[0, 1000]] },
    after: ({ server }) =>
      server.requests.every(({ bodyStart }) => bodyStart.toString() === "some bytes")
        ? []
        : ["other bytes were sent the second time"],
    others: "not measured",
    why: "What can be made anew can be sent anew.",
  },
  {
    id: "18",
    arranged: "an object with a checksum that is another's",
    script: () => [
      answer({ headers: { ETag: '"e"', "x-amz-checksum-crc32": "AAAAAA==" }, body: "the object" }),
    ],
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: { class: "S3IntegrityError", code: "ChecksumMismatch", attempts: 1 },
      requests: 1,
    },
    others: "one throws an untyped error, the others do not look",
    why: "Bytes that are known to be wrong must not be taken for the object.",
  },
  {
    id: "20",
    arranged: "a write under a condition whose answer is lost; then 412, as the object exists now",
    script: () => losesItsFirstAnswer(() => true),
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "bytes", { ifNoneMatch: "*" }),
    expected: {
      value: md5(Buffer.from("bytes")),
      requests: 3,
      gaps: [
        [0, 50],
        [0, 50],
      ],
    },
    others: "the one that tries again tells the caller that the object exists: its own",
    why: "The winner of a lock is told that it lost, and nobody holds it.",
  },
  {
    id: "20/gone",
    arranged: "as 20, but the object is gone again when it is looked for",
    script: () => losesItsFirstAnswer(() => false),
    done: "putObject with If-None-Match: *",
    act: ({ subject }) => subject.put("object", "bytes", { ifNoneMatch: "*" }),
    expected: {
      failure: {
        class: "S3PreconditionFailedError",
        code: "PreconditionFailed",
        status: 412,
        ambiguous: true,
      },
      requests: 3,
      gaps: [
        [0, 50],
        [0, 50],
      ],
    },
    others: "as 20",
    why: "Where nobody can know, that is what has to be said.",
  },
  {
    id: "20/complete",
    arranged:
      "a completion whose answer is lost; then NoSuchUpload, and the object where it should be",
    script: () => (request) => {
      if (request.method === "HEAD") {
        const headers = { ETag: `"${completedEtag}"`, "Content-Length": "5" };
        return answer({ framing: "none", headers });
      }
      return request.index === 0 ? silence({ does: "reset" }) : refusal(404, "NoSuchUpload");
    },
    done: "completeMultipartUpload",
    act: ({ subject }) => subject.complete("object", "upload"),
    expected: { value: completedEtag, requests: 3, gaps: transient },
    others: "told as a failure",
    why: "The object is there; who is told otherwise uploads it all again.",
  },
];
