import {
  answer,
  brokenAnswer,
  refusal,
  silence,
  type Reply,
  type Scripted,
  type Step,
} from "@holdfast/lab";
import { transient, type Expected, type Situation } from "./situation.ts";

const object = "0123456789".repeat(400);
const etag = '"e"';

/** Serves a range of the object to whoever asks for the same one, else refuses; the first so many break off. */
function servedInPieces(breaks: number, then: Step): Scripted[] {
  return Array.from({ length: breaks + 1 }, (_, i) => (request) => {
    const from = Number(/^bytes=(\d+)-/.exec(request.headers.get("range") ?? "")?.[1] ?? 0);
    const whole = from === 0;
    if (!whole && request.headers.get("if-match") !== etag) return answer({ status: 599 });
    const length = object.length - from;
    const parts = {
      status: whole ? 200 : 206,
      headers: {
        ETag: etag,
        "Content-Range": whole ? undefined : `bytes ${from}-${object.length - 1}/${object.length}`,
      },
    };
    if (i === breaks) return answer({ ...parts, body: object.slice(from) });
    return brokenAnswer({ ...parts, length, body: object.slice(from, from + 1000) }, then);
  });
}

const resumed: Expected = { value: object, requests: 2, gaps: [[0, 50]] };

/** Nothing can be resumed where the ETag does not stand for the very bytes. */
function withWeakEtag(then: Step): Scripted[] {
  const headers = { ETag: `W/${etag}` };
  return [brokenAnswer({ length: object.length, headers, body: object.slice(0, 1000) }, then)];
}

const lost: Expected = {
  failure: {
    class: "S3TransportError",
    code: "ECONNRESET",
    status: undefined,
    retryable: true,
    attempts: 3,
  },
  requests: 3,
  gaps: transient,
  delays: transient,
};

/** Where the connection breaks, or nothing comes. */
export const brokenExchanges: readonly Situation[] = [
  {
    id: "12",
    arranged:
      "a reset after 1,000 of 4,000 bytes; the rest to whoever asks for the rest of the same object",
    script: () => servedInPieces(1, { does: "reset" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: resumed,
    others: "most hand on a raw error of the socket; none goes on",
    why: "The larger the object, the less can be had in one go.",
  },
  {
    id: "12/twice",
    arranged: "a reset after 1,000 bytes, another after the next 1,000",
    script: () => servedInPieces(2, { does: "reset" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: { value: object, requests: 3, gaps: transient },
    others: "as 12",
    why: "As 12.",
  },
  {
    id: "12/weak",
    arranged: "a reset after 1,000 of 4,000 bytes of an object with a weak ETag",
    script: () => withWeakEtag({ does: "reset" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TransportError",
        code: "ECONNRESET",
        retryable: true,
        attempts: 1,
        phase: "body",
      },
      requests: 1,
    },
    others: "untyped, without what was asked for",
    why: "What cannot be gone on with must not be pieced together from two objects.",
  },
  {
    id: "12/replaced",
    arranged: "a reset after 1,000 of 4,000 bytes; then 412, as the object is another",
    script: () => [
      ...servedInPieces(1, { does: "reset" }).slice(0, 1),
      refusal(412, "PreconditionFailed"),
    ],
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3PreconditionFailedError",
        code: "ModifiedDuringRead",
        status: 412,
        retryable: false,
        phase: "body",
      },
      requests: 2,
      gaps: [[0, 50]],
    },
    others: "as 12",
    why: "Half of one object and half of another is worse than none.",
  },
  {
    id: "12/whole",
    arranged: "a reset after 1,000 of 4,000 bytes; then all of it, although the rest was asked for",
    script: () => [
      ...servedInPieces(1, { does: "reset" }).slice(0, 1),
      answer({ headers: { ETag: etag }, body: object }),
    ],
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: { class: "S3ServerError", code: "MalformedResponse", status: 200, phase: "body" },
      requests: 2,
      gaps: [[0, 50]],
    },
    others: "as 12",
    why: "Not every service honours a range, and the first bytes would stand there twice.",
  },
  {
    id: "12/busy",
    arranged: "a reset after 1,000 of 4,000 bytes, then 503, then the rest",
    script: () => {
      const [broken, rest] = servedInPieces(1, { does: "reset" });
      const busy = refusal(503, "ServiceUnavailable");
      return [broken, busy, rest].filter((reply) => reply !== undefined);
    },
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: { value: object, requests: 3, gaps: transient },
    others: "as 12",
    why: "What breaks a connection is often not over at the next one.",
  },
  {
    id: "12b",
    arranged:
      "the end of the connection after 1,000 of 4,000 bytes; the rest to whoever asks for it",
    script: () => servedInPieces(1, { does: "fin" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: resumed,
    others: "one hangs for ever, the others hand on a raw error",
    why: "A short body with a clean end is the easiest to take for the whole.",
  },
  {
    id: "12b/weak",
    arranged: "the end of the connection after 1,000 of 4,000 bytes of an object with a weak ETag",
    script: () => withWeakEtag({ does: "fin" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TransportError",
        code: "TruncatedBody",
        retryable: true,
        attempts: 1,
        phase: "body",
      },
      requests: 1,
    },
    others: "as 12b",
    why: "As 12b.",
  },
  {
    id: "12b/overstated",
    arranged:
      "all 4,000 bytes of an object whose length was stated as 5,000, and the end of the connection; then 416, as there are no more",
    script: () => [
      brokenAnswer(
        { length: object.length + 1000, headers: { ETag: etag }, body: object },
        { does: "fin" },
      ),
      refusal(416, "InvalidRange"),
    ],
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: { class: "S3ServerError", code: "MalformedResponse", status: 416, phase: "body" },
      requests: 2,
      gaps: [[0, 50]],
    },
    others: "not measured",
    why: "The range is nothing that the caller asked for.",
  },
  {
    id: "12b/chunked",
    arranged: "the end of the connection after the first chunk of a body of unknown length",
    script: () => [endlessChunks()],
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TransportError",
        code: "TruncatedBody",
        retryable: true,
        attempts: 1,
        phase: "body",
      },
      requests: 1,
    },
    others: "not measured",
    why: "Only the last chunk says that it was the last.",
  },
  {
    id: "12c",
    arranged: "silence after 1,000 of 4,000 bytes; the rest to whoever asks for it",
    script: () => servedInPieces(1, { does: "stall" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: { ...resumed, gaps: [[1500, 1550]] },
    others: "six of six hang with their defaults",
    why: "A call that never settles cannot be tried again by anyone.",
  },
  {
    id: "12c/weak",
    arranged: "silence after 1,000 of 4,000 bytes of an object with a weak ETag",
    script: () => withWeakEtag({ does: "stall" }),
    done: "getObject, body read",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TimeoutError",
        code: "IdleTimeout",
        retryable: true,
        attempts: 1,
        phase: "body",
      },
      requests: 1,
    },
    others: "as 12c",
    why: "As 12c.",
  },
  {
    id: "13",
    arranged: "a reset instead of an answer, each time",
    script: () => Array.from({ length: 3 }, () => silence({ does: "reset" })),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: lost,
    others: "one calls it a timeout, one does not try again",
    why: "A reset says something about the peer, a timeout about the way there.",
  },
  {
    id: "13/once",
    arranged: "a reset instead of an answer, once",
    script: () => [silence({ does: "reset" }), answer({ headers: { ETag: etag }, body: object })],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: { value: object, requests: 2, gaps: [[0, 50]] },
    others: "one does not try again",
    why: "It is what a connection kept too long looks like.",
  },
  {
    id: "13/kept",
    arranged: "an answer, then a reset of the same connection instead of an answer, then an answer",
    script: () => [
      answer({ headers: { ETag: etag }, body: object }),
      silence({ does: "reset" }),
      answer({ headers: { ETag: etag }, body: object }),
    ],
    done: "getObject, twice",
    act: async ({ subject }) => {
      await subject.get("object");
      return subject.get("object");
    },
    expected: {
      value: object,
      requests: 3,
      gaps: [
        [0, 50],
        [0, 50],
      ],
    },
    after: ({ server }) => {
      const ways = server.requests.map(({ connection }) => connection);
      return ways[0] === ways[1] && ways[1] !== ways[2] ? [] : [`connections ${ways.join(" ")}`];
    },
    others: "not measured",
    why: "A kept connection may have been closed long ago; only a new one tells.",
  },
  {
    id: "14",
    arranged: "a host name that nobody has",
    script: () => [],
    // No label of a name is longer than 63 octets, so no name server need be asked.
    endpoint: `http://${"n".repeat(64)}.invalid`,
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TransportError",
        code: "ENOTFOUND",
        status: undefined,
        retryable: true,
        attempts: 3,
        phase: "connect",
      },
      requests: 0,
    },
    others: "raw errors of the socket or of fetch; one says Unknown",
    why: "A wrong name in the configuration is not an outage.",
  },
  {
    id: "15",
    arranged: "no answer, each time",
    script: () => Array.from({ length: 3 }, () => silence({ does: "stall" })),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TimeoutError",
        code: "HeadersTimeout",
        status: undefined,
        retryable: true,
        attempts: 3,
        phase: "headers",
      },
      requests: 3,
      gaps: [
        [1500, 1550],
        [1500, 1600],
      ],
      delays: transient,
    },
    others: "six hang with their defaults, one of them with a warning",
    why: "As 12c.",
  },
  {
    id: "15/slow",
    arranged: "an answer's head byte by byte, slower than any limit for the whole",
    script: () =>
      Array.from({ length: 3 }, () =>
        slowHead("HTTP/1.1 200 Scripted\r\nContent-Length: 2\r\n\r\nok", 60),
      ),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3TimeoutError",
        code: "HeadersTimeout",
        retryable: true,
        phase: "headers",
      },
      requests: 3,
      gaps: [
        [1500, 1550],
        [1500, 1600],
      ],
      delays: transient,
    },
    others: "not measured",
    why: "A trickle keeps a limit on silence from ever being reached.",
  },
];

/** The first of the chunks, and no more. */
function endlessChunks(): Reply {
  const { steps } = answer({ headers: { ETag: etag }, body: object, framing: "chunked" });
  return { after: "body", steps: [...steps.slice(0, -1), { does: "fin" }] };
}

/** Sends a text byte by byte, so many milliseconds apart. */
function slowHead(text: string, ms: number): Reply {
  const steps = text.split("").flatMap((bytes): Step[] => [
    { does: "send", bytes },
    { does: "wait", ms },
  ]);
  return { after: "body", steps };
}
