import { crc32 } from "node:zlib";
import { answer, brokenAnswer, errorDocument, type Reply } from "@holdfast/lab";
import { throttled, transient, type Expected, type Situation } from "./situation.ts";

const xml = { "Content-Type": "application/xml" };
/** What a machine says that has nothing to do with S3. */
const strange = { "x-amz-request-id": undefined, "x-amz-id-2": undefined };
const page = "<!doctype html><html><body><h1>Sorry</h1></body></html>";
const object = (): Reply => answer({ headers: { ETag: '"e"' }, body: "the object" });
const thrice = (reply: Reply): Reply[] => [reply, reply, reply];
const bytes = "0123456789".repeat(400);

const notFound = (code: string, codeInferred: boolean): Expected => ({
  failure: {
    class: "S3NotFoundError",
    code,
    status: 404,
    retryable: false,
    attempts: 1,
    codeInferred,
  },
  requests: 1,
});

const malformed = (status?: number): Expected => ({
  failure: {
    class: "S3ServerError",
    code: "MalformedResponse",
    status,
    attempts: 3,
    retryable: true,
  },
  requests: 3,
  gaps: transient,
  delays: transient,
});

const get = {
  done: "getObject",
  act: ({ subject }) => subject.get("object"),
  others: "not measured",
} satisfies Partial<Situation>;

/** Answers in other words than S3's own, or in nobody's. */
export const oddAnswers: readonly Situation[] = [
  {
    id: "1/namespace",
    arranged: "404 with the code NoSuchKey in a document with a name space",
    script: () => {
      const body = errorDocument("NoSuchKey").replace(
        "<Error>",
        '<Error xmlns="urn:of-some-kind">',
      );
      return [answer({ status: 404, headers: xml, body })];
    },
    ...get,
    expected: notFound("NoSuchKey", false),
    others: "one says Unknown",
    why: "It is the same document.",
  },
  {
    id: "1/nameless",
    arranged: "404 with an empty code",
    script: () => [answer({ status: 404, headers: xml, body: "<Error><Code/><Message/></Error>" })],
    ...get,
    expected: notFound("NotFound", true),
    others: "one has no code then",
    why: "No code is not a code of no letters.",
  },
  {
    id: "1/mark",
    arranged: "404 with the code NoSuchKey behind a byte order mark",
    script: () => [
      answer({ status: 404, headers: xml, body: `\uFEFF${errorDocument("NoSuchKey")}` }),
    ],
    ...get,
    expected: notFound("NoSuchKey", false),
    why: "As 1/namespace.",
  },
  {
    id: "1/page",
    arranged: "404 with a page of HTML from something that is not S3",
    script: () => {
      const headers = { ...strange, "Content-Type": "text/html" };
      return thrice(answer({ status: 404, headers, body: page }));
    },
    ...get,
    expected: malformed(404),
    why: "Whoever sent it does not know whether the object exists.",
  },
  {
    id: "2/body",
    arranged:
      "404 with a body that must not be there, and then an answer by whatever connection is asked",
    script: () => [
      answer({ status: 404, headers: xml, body: errorDocument("NoSuchKey") }),
      object(),
    ],
    done: "headObject, then getObject",
    act: async ({ subject }) => {
      const missing: unknown = await subject.head("gone").catch((error: unknown) => error);
      return [missing instanceof Error && missing.name, await subject.get("object")].join(", ");
    },
    expected: { value: "S3NotFoundError, the object", requests: 2, gaps: [[0, 50]] },
    others: "not measured",
    why: "Those bytes must not be taken for the next answer.",
  },
  {
    id: "5/proxy",
    arranged: "429 with a page of HTML from something that is not S3, each time",
    script: () =>
      thrice(
        answer({ status: 429, headers: { ...strange, "Content-Type": "text/html" }, body: page }),
      ),
    ...get,
    expected: {
      failure: {
        class: "S3ThrottledError",
        code: "SlowDown",
        status: 429,
        retryable: true,
        attempts: 3,
        codeInferred: true,
      },
      requests: 3,
      gaps: throttled,
      delays: throttled,
    },
    why: "The limit of a proxy is a limit too.",
  },
  {
    id: "10/gateway",
    arranged: "503 with a page of HTML from something that is not S3, each time",
    script: () =>
      thrice(
        answer({ status: 503, headers: { ...strange, "Content-Type": "text/html" }, body: page }),
      ),
    ...get,
    expected: {
      failure: {
        class: "S3ServerError",
        code: "ServiceUnavailable",
        status: 503,
        retryable: true,
        attempts: 3,
        codeInferred: true,
      },
      requests: 3,
      gaps: transient,
      delays: transient,
    },
    why: "A proxy without a server behind it is not a service that asks for less.",
  },
  {
    id: "10/banner",
    arranged: "the greeting of another protocol instead of an answer, each time",
    script: () =>
      thrice({
        after: "head",
        steps: [{ does: "send", bytes: "SSH-2.0-OpenSSH_9.2\r\n" }, { does: "fin" }],
      }),
    ...get,
    expected: malformed(),
    why: "It is the wrong port, and no network that fails.",
  },
  {
    id: "10/head",
    arranged: "200 with a header of 1 MB, each time",
    script: () => thrice(answer({ headers: { ETag: '"e"', "X-Long": "x".repeat(1_000_000) } })),
    ...get,
    expected: malformed(),
    why: "As 23, before the body begins.",
  },
  {
    id: "18/seam",
    arranged: "a reset after 1,000 of 4,000 bytes, then a rest that is not the object's",
    script: () => {
      const headers = { ETag: '"e"', "x-amz-checksum-crc32": checksumOf(bytes) };
      const range = `bytes 1000-${bytes.length - 1}/${bytes.length}`;
      return [
        brokenAnswer(
          { headers, length: bytes.length, body: bytes.slice(0, 1000) },
          { does: "reset" },
        ),
        answer({
          status: 206,
          headers: { ETag: '"e"', "Content-Range": range },
          body: "x".repeat(3000),
        }),
      ];
    },
    ...get,
    done: "getObject, body read",
    expected: {
      failure: { class: "S3IntegrityError", code: "ChecksumMismatch" },
      requests: 2,
      gaps: [[0, 50]],
    },
    why: "What is pieced together has to be the whole.",
  },
  {
    id: "18/parts",
    arranged: "an object of parts, with the checksum of its parts' checksums",
    script: () => [
      answer({
        headers: { ETag: '"e-2"', "x-amz-checksum-crc32": "AAAAAA==-2" },
        body: "the object",
      }),
    ],
    ...get,
    done: "getObject, body read",
    expected: { value: "the object", requests: 1 },
    why: "It is no checksum of the bytes, and must not be held against them.",
  },
];

function checksumOf(text: string): string {
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(text));
  return checksum.toString("base64");
}
