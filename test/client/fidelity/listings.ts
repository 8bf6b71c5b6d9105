import { answer } from "@holdfast/lab";
import type { Situation } from "./situation.ts";

const keys = ["a&b", "x\ry", "123", "1e3", "0x10", "true", "  lead", "trail  ", "ü/ä", "%41+ "];

const asXml = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll("\r", "&#13;");

const list = (encoding: string, write: (key: string) => string): string => {
  const contents = keys
    .map(
      (key) =>
        `<Contents><Key>${write(key)}</Key><LastModified>2026-11-21T10:00:00.000Z</LastModified>` +
        "<ETag>&quot;e&quot;</ETag><Size>1</Size><StorageClass>STANDARD</StorageClass></Contents>",
    )
    .join("");
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
    '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>fidelity</Name>' +
    `<Prefix></Prefix><KeyCount>${keys.length}</KeyCount><MaxKeys>1000</MaxKeys>${encoding}` +
    `<IsTruncated>false</IsTruncated>${contents}</ListBucketResult>`
  );
};

/** Where names look like something else. */
export const listings: readonly Situation[] = [
  {
    id: "22",
    arranged: "keys with characters references, spaces at their ends, and the look of numbers",
    script: () => [answer({ body: list("", asXml) })],
    done: "listObjectsV2",
    act: ({ subject }) => subject.list(),
    expected: { value: keys, requests: 1 },
    others: "three make numbers of them, three leave references as they are, two trim",
    why: "A key that comes back changed names another object, or none.",
  },
  {
    id: "22/encoded",
    arranged: "the same keys, encoded as in a URL because it was asked for",
    script: () => [
      answer({
        body: list("<EncodingType>url</EncodingType>", (key) =>
          encodeURIComponent(key).replaceAll("%20", "+"),
        ),
      }),
    ],
    done: "listObjectsV2",
    act: ({ subject }) => subject.list(),
    expected: { value: keys, requests: 1 },
    others: "not measured",
    why: "As 22.",
  },
];
