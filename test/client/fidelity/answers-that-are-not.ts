import {
  answer,
  brokenAnswer,
  errorDocument,
  vastAnswer,
  type Reply,
  type Scripted,
  type Step,
} from "@holdfast/lab";
import { transient, type Expected, type Situation } from "./situation.ts";

const html = "<!doctype html><html><body><h1>502 Bad Gateway</h1></body></html>";
const xml = { "Content-Type": "application/xml" };
const thrice = (reply: () => Scripted): Scripted[] => [reply(), reply(), reply()];

/** A 5xx whose code could only be read off its status. */
const inferred = (code: string, status: number): Expected => ({
  failure: {
    class: "S3ServerError",
    code,
    status,
    retryable: true,
    attempts: 3,
    codeInferred: true,
  },
  requests: 3,
  gaps: transient,
  delays: transient,
});

const page = (type: string, body: string): Reply =>
  answer({ status: 500, headers: { "Content-Type": type }, body });

const refusedTwice: Expected = {
  failure: { class: "S3ServerError", code: "InternalError", retryable: true, attempts: 3 },
  requests: 3,
  gaps: transient,
  delays: transient,
};

const complete = {
  done: "completeMultipartUpload",
  act: ({ subject }) => subject.complete("object", "upload"),
} satisfies Partial<Situation>;

const completed =
  '<CompleteMultipartUploadResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/">' +
  "<Location>l</Location><Bucket>fidelity</Bucket><Key>object</Key><ETag>&quot;e-1&quot;</ETag>" +
  "</CompleteMultipartUploadResult>";

/** Pages of something in between, and errors that stand under a 200. */
export const answersThatAreNot: readonly Situation[] = [
  {
    id: "10",
    arranged: "500 with a page of HTML, each time",
    script: () => thrice(() => page("text/html", html)),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "properties named after the page's elements or its bytes' positions; codes Unknown",
    why: "Whatever stands before the service can fail in words of its own.",
  },
  {
    id: "10/echo",
    arranged: "500 with a page of HTML that shows the request's headers, each time",
    script: () => (request) => {
      const rows = [...request.headers].map(([name, value]) => `<li>${name}: ${value}</li>`);
      return page("text/html", `<html><body><h1>Debug</h1><ul>${rows.join("")}</ul></body></html>`);
    },
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "not measured",
    why: "As 4.",
  },
  {
    id: "10b",
    arranged: "500 with plain text, each time",
    script: () => thrice(() => page("text/plain", "upstream connect error")),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "one throws its XML parser's error, without a status",
    why: "The parser's trouble is not the caller's.",
  },
  {
    id: "10c",
    arranged: "500 with an XML document that breaks off, each time",
    script: () => thrice(() => page("application/xml", "<?xml version='1.0'?><Error><Code>Slow")),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "one never settles and throws where nobody can catch it, one throws its parser's error",
    why: "Half a code is no code.",
  },
  {
    id: "10c/bomb",
    arranged: "500 with an XML document whose entities would grow to gigabytes, each time",
    script: () => thrice(() => page("application/xml", bomb)),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "one expands them",
    why: "An error must not cost more than the answer would have.",
  },
  {
    id: "10c/short",
    arranged: "403 with a document that the end of the connection cuts off",
    script: () => [cutOff(403, { does: "fin" })],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
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
    others: "not measured",
    why: "The service has answered; what is missing is only its explanation.",
  },
  {
    id: "10c/stalled",
    arranged: "404 with a document after whose beginning nothing more comes",
    script: () => [cutOff(404, { does: "stall" })],
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: {
      failure: {
        class: "S3NotFoundError",
        code: "NotFound",
        status: 404,
        retryable: false,
        attempts: 1,
        codeInferred: true,
      },
      requests: 1,
    },
    others: "not measured",
    why: "As 10c/short.",
  },
  {
    id: "10c/empty",
    arranged: "502 without a byte, each time",
    script: () => thrice(() => answer({ status: 502 })),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("BadGateway", 502),
    others: "not measured",
    why: "The status alone says enough.",
  },
  {
    id: "11",
    arranged: "200 with an <Error> InternalError, each time",
    script: () => thrice(() => answer({ headers: xml, body: errorDocument("InternalError") })),
    done: "copyObject",
    act: ({ subject }) => subject.copy("object", "source"),
    expected: refusedTwice,
    others: "one takes it for success, one throws a plain object, one misses an ETag",
    why: "The copy was not made.",
  },
  {
    id: "11b",
    arranged: "200 with an <Error> InternalError, each time",
    script: () => thrice(() => answer({ headers: xml, body: errorDocument("InternalError") })),
    ...complete,
    expected: refusedTwice,
    others: "four take it for success",
    why: "The object does not exist, and its parts are about to be thrown away.",
  },
  {
    id: "11c",
    arranged: "200 with an <Error> InternalError, each time",
    script: () => thrice(() => answer({ headers: xml, body: errorDocument("InternalError") })),
    done: "listObjectsV2",
    act: ({ subject }) => subject.list(),
    expected: refusedTwice,
    others: "four say that the bucket is empty",
    why: "Who mirrors a bucket that looks empty deletes everything.",
  },
  {
    id: "11d",
    arranged: "200 without a byte, once",
    script: () => [answer({ headers: xml }), answer({ headers: xml, body: completed })],
    ...complete,
    expected: { value: "e-1", requests: 2, gaps: transient },
    others: "two take it for success, one throws a TypeError",
    why: "Nothing was said, so it has to be asked again.",
  },
  {
    id: "11d/each",
    arranged: "200 without a byte, each time",
    script: () => thrice(() => answer({ headers: xml })),
    ...complete,
    expected: {
      failure: {
        class: "S3ServerError",
        code: "MalformedResponse",
        retryable: true,
        attempts: 3,
        ambiguous: true,
      },
      requests: 3,
      gaps: transient,
    },
    others: "as 11d",
    why: "Whether the object exists is not known, and that is what has to be said.",
  },
  {
    id: "11e",
    arranged: "200 with a list that breaks off within a key, each time",
    script: () =>
      thrice(() =>
        answer({ headers: xml, body: "<ListBucketResult><Contents><Key>a</Key></Contents><Con" }),
      ),
    done: "listObjectsV2",
    act: ({ subject }) => subject.list(),
    expected: {
      failure: { class: "S3ServerError", code: "MalformedResponse", retryable: true, attempts: 3 },
      requests: 3,
      gaps: transient,
    },
    others:
      "one says that the bucket is empty, one never settles, three throw their parser's error",
    why: "Half a list is no list.",
  },
  {
    id: "11e/page",
    arranged: "200 with a page of HTML, each time",
    script: () => thrice(() => answer({ headers: { "Content-Type": "text/html" }, body: html })),
    done: "listObjectsV2",
    act: ({ subject }) => subject.list(),
    expected: {
      failure: { class: "S3ServerError", code: "MalformedResponse", retryable: true, attempts: 3 },
      requests: 3,
      gaps: transient,
      delays: transient,
    },
    others: "not measured",
    why: "The login page of a hotel is not an empty bucket.",
  },
  {
    id: "11f",
    arranged: "200 with an <Error> InternalError and a newline behind it, each time",
    script: () =>
      thrice(() => answer({ headers: xml, body: `${errorDocument("InternalError")}\n` })),
    ...complete,
    expected: refusedTwice,
    others:
      "the one that looks for an error under a 200 looks at the last bytes, and takes it for success",
    why: "A failed upload is reported as done.",
  },
  {
    id: "11f/comment",
    arranged: "200 with an <Error> InternalError and a comment behind it, each time",
    script: () =>
      thrice(() =>
        answer({ headers: xml, body: `${errorDocument("InternalError")}<!-- node 7 -->` }),
      ),
    ...complete,
    expected: refusedTwice,
    others: "as 11f",
    why: "As 11f.",
  },
  {
    id: "11f/white",
    arranged:
      "200 in chunks, white space for a while to keep the connection, then an <Error>, each time",
    script: () => thrice(() => whiteSpaceThen(errorDocument("InternalError"))),
    ...complete,
    expected: refusedTwice,
    others: "not measured",
    why: "It is how S3 itself answers when joining parts takes long.",
  },
  {
    id: "11f/done",
    arranged: "200 in chunks, white space for a while to keep the connection, then the result",
    script: () => [whiteSpaceThen(completed)],
    ...complete,
    expected: { value: "e-1", requests: 1 },
    others: "one reads no ETag out of a document with a name space",
    why: "The same must not be taken for a failure either.",
  },
  {
    id: "23",
    arranged: "500 with 200 MB of HTML, each time",
    script: () => thrice(() => vastAnswer({ status: 500 }, 200_000_000)),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    after: ({ server }) =>
      server.connections.every(({ bytesSent }) => bytesSent < 16_000_000)
        ? []
        : ["the connection was not ended"],
    others: "three of four die for want of memory, after as many as 72 seconds",
    why: "One bad page must not end the process.",
  },
  {
    id: "23b",
    arranged: "500 with 20 MB of HTML, each time",
    script: () => thrice(() => vastAnswer({ status: 500 }, 20_000_000)),
    done: "getObject",
    act: ({ subject }) => subject.get("object"),
    expected: inferred("InternalError", 500),
    others: "three block the event loop for 2.7 to 4.6 seconds",
    why: "Every other request waits as long.",
  },
];

const entities = Array.from({ length: 9 }, (_, i) => {
  const before = i === 0 ? "ha" : `&e${i - 1};`;
  return `<!ENTITY e${i} "${before.repeat(10)}">`;
});
const bomb = `<?xml version="1.0"?><!DOCTYPE Error [${entities.join("")}]><Error><Code>&e8;</Code></Error>`;

/** A refusal of which only the beginning comes. */
function cutOff(status: number, then: Step): Reply {
  return brokenAnswer({ status, headers: xml, length: 500, body: "<Error><Co" }, then);
}

function piece(text: string): string {
  return `${Buffer.byteLength(text).toString(16)}\r\n${text}\r\n`;
}

function whiteSpaceThen(document: string): Reply {
  const { steps } = answer({ headers: xml, framing: "chunked" });
  const [head, ...end] = steps.filter((step) => step.does !== "send" || step.bytes.length > 0);
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>\n';
  return {
    after: "body",
    steps: [
      ...(head === undefined ? [] : [head]),
      { does: "send", bytes: piece(declaration) },
      { does: "wait", ms: 100 },
      { does: "send", bytes: piece("  \n") },
      { does: "wait", ms: 100 },
      { does: "send", bytes: piece(document.replace(declaration, "")) },
      ...end,
    ],
  };
}
