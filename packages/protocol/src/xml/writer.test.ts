import { expect, test } from "vitest";
import { escapeXml, renderResult, renderXml, type XmlField } from "./writer.ts";

test("a result has a declaration and S3's namespace, and leaves undefined fields out", () => {
  const fields: XmlField[] = [
    ["MaxKeys", 1000],
    ["Prefix", ""],
    ["Delimiter", undefined],
    ["IsTruncated", false],
    ["Owner", [["ID", "a"]]],
  ];
  expect(renderResult("ListBucketResult", fields)).toBe(
    '<?xml version="1.0" encoding="UTF-8"?>\n' +
      '<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><MaxKeys>1000</MaxKeys><Prefix></Prefix>' +
      "<IsTruncated>false</IsTruncated><Owner><ID>a</ID></Owner></ListBucketResult>",
  );
});

test("markup, white space that parsers normalise, and characters XML lacks are all escaped", () => {
  expect(escapeXml("<a href=\"b\">'&'</a>")).toBe(
    "&lt;a href=&quot;b&quot;&gt;&apos;&amp;&apos;&lt;/a&gt;",
  );
  expect(escapeXml("\r\n\t")).toBe("&#13;&#xA;&#x9;");
  expect(escapeXml("\0\u0001\u007F\u0085\uFFFE\uFFFF")).toBe(
    "&#x0;&#x1;&#x7F;&#x85;&#xFFFE;&#xFFFF;",
  );
});

test("what needs no escape is left as it is", () => {
  const plain = " übung/日本語/😀 +%#?~ ";
  expect(escapeXml(plain)).toBe(plain);
});

test("half a surrogate pair becomes the replacement character, as in UTF-8", () => {
  expect(escapeXml("a\uD83Db\uDE00")).toBe("a\uFFFDb\uFFFD");
});

test("an attribute cannot end itself", () => {
  expect(renderXml(["Grantee", "x", { "xsi:type": '"><Evil a="\n' }])).toContain(
    '<Grantee xsi:type="&quot;&gt;&lt;Evil a=&quot;&#xA;">x</Grantee>',
  );
});

test("a listing of 1000 keys renders in a few milliseconds", () => {
  const contents = Array.from({ length: 1000 }, (_, i): XmlField => {
    const fields: XmlField[] = [
      ["Key", `photos/2026/ü & b/${i}.jpg`],
      ["LastModified", "2026-11-21T04:10:20.000Z"],
      ["ETag", '"d41d8cd98f00b204e9800998ecf8427e"'],
      ["Size", i],
      ["StorageClass", "STANDARD"],
    ];
    return ["Contents", fields];
  });
  const times = Array.from({ length: 20 }, () => {
    const start = performance.now();
    expect(renderResult("ListBucketResult", contents)).toContain("999.jpg");
    return performance.now() - start;
  });
  // The best of twenty, with room for a slow machine: 2 ms is the aim, and quadratic work would be far beyond.
  expect(Math.min(...times)).toBeLessThan(5);
});
