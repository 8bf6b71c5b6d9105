import type { Scenario } from "../probe/scenario.ts";
import { names } from "./names.ts";

const objects = { object: 1000 };
const read = { do: "get", key: "object" } as const;
/** Two parts to whoever uploads in parts at all. */
const twoParts = 12_582_912;

const whyPage = "Whatever stands before the service can fail in words of its own.";
const whyHidden = "The answer looks like success; who stops at its status loses the object.";
const whyEmpty = "Who mirrors a bucket that looks empty deletes everything.";

/** What is no answer of S3's, or not what it looks like: situations 10 and 11. */
export const answers: readonly Scenario[] = [
  {
    id: "10",
    origin: "measured",
    title: "500 with a page of HTML, each time",
    arranged: {
      objects,
      faults: [
        { operation: "GetObject", times: "always", then: { document: "html", status: 500 } },
      ],
    },
    action: read,
    target: { told: names.internal, requests: [2, 20] },
    why: whyPage,
  },
  {
    id: "10b",
    origin: "measured",
    title: "500 with plain text, each time",
    arranged: {
      objects,
      faults: [
        { operation: "GetObject", times: "always", then: { document: "text", status: 500 } },
      ],
    },
    action: read,
    target: { told: names.internal, requests: [2, 20] },
    why: "The parser's trouble is not the caller's.",
  },
  {
    id: "10c",
    origin: "measured",
    title: "500 with an XML document that is none, each time",
    arranged: {
      objects,
      faults: [
        { operation: "GetObject", times: "always", then: { document: "malformed", status: 500 } },
      ],
    },
    action: read,
    target: { told: names.internal, requests: [2, 20], withinMs: 4000 },
    why: "What nobody can read must not end the process that tried.",
  },
  {
    id: "11",
    origin: "measured",
    title: "CopyObject answered 200 with an <Error> InternalError, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: "CopyObject",
          times: "always",
          then: { error: "InternalError", status: 200 },
        },
      ],
    },
    action: { do: "copy", source: "object", key: "copy" },
    target: { told: ["InternalError"], stored: { copy: "absent" } },
    why: "The copy was not made, and its source may be deleted next.",
  },
  ...[
    { id: "11b", says: "an <Error> InternalError", dress: {} },
    { id: "11f", says: "an <Error> and a newline behind it", dress: { suffix: "\n" } },
    {
      id: "11f/comment",
      says: "an <Error> and a comment behind it",
      dress: { suffix: "<!-- a -->" },
    },
    { id: "11f/white", says: "an <Error> behind white space", dress: { prefix: "  \n  " } },
  ].map(({ id, says, dress }): Scenario => ({
    id,
    origin: "measured",
    title: `CompleteMultipartUpload answered 200 with ${says}, each time`,
    arranged: {
      timeoutMs: 5000,
      faults: [
        {
          operation: "CompleteMultipartUpload",
          times: "always",
          then: { error: "InternalError", status: 200, ...dress },
        },
      ],
    },
    action: { do: "upload", key: "big", bytes: twoParts, inParts: true },
    target: { told: ["InternalError"], stored: { big: "absent" }, openUploads: 1 },
    why: whyHidden,
  })),
  {
    id: "11c",
    origin: "measured",
    title: "ListObjectsV2 answered 200 with an <Error> InternalError, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: ["ListObjectsV2", "ListObjects"],
          times: "always",
          then: { error: "InternalError", status: 200 },
        },
      ],
    },
    action: { do: "list" },
    target: { told: ["InternalError"] },
    why: whyEmpty,
  },
  {
    id: "11d",
    origin: "measured",
    title: "CompleteMultipartUpload answered 200 without a byte, each time",
    arranged: {
      timeoutMs: 5000,
      faults: [
        {
          operation: "CompleteMultipartUpload",
          times: "always",
          then: { document: "empty", status: 200 },
        },
      ],
    },
    action: { do: "upload", key: "big", bytes: twoParts, inParts: true },
    target: {
      told: [...names.malformed, "InternalError"],
      stored: { big: "absent" },
      openUploads: 1,
    },
    why: "Nothing was said, so nothing may be claimed.",
  },
  {
    id: "11e",
    origin: "measured",
    title: "ListObjectsV2 answered 200 with a list that breaks off within a key, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: ["ListObjectsV2", "ListObjects"],
          times: "always",
          then: {
            status: 200,
            body: "<ListBucketResult><Name>probe</Name><KeyCount>2</KeyCount><Contents><Key>obj",
          },
        },
      ],
    },
    action: { do: "list" },
    target: { told: names.malformed, withinMs: 4000 },
    why: whyEmpty,
  },
  {
    id: "11e/page",
    origin: "measured",
    title: "ListObjectsV2 answered 200 with a page of HTML, each time",
    arranged: {
      objects,
      faults: [
        {
          operation: ["ListObjectsV2", "ListObjects"],
          times: "always",
          then: { document: "html", status: 200 },
        },
      ],
    },
    action: { do: "list" },
    target: { told: names.malformed },
    why: "The login page of a hotel is not an empty bucket.",
  },
];
