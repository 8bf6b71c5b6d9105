import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readXml } from "../xml/reader.ts";
import { catalogue } from "./catalogue.ts";
import { readErrorDocument, renderErrorDocument } from "./document.ts";
import { s3Error } from "./s3-error.ts";
import { s3ErrorFromWire } from "./s3-error-from-wire.ts";

const context = { resource: "/b/k", requestId: "r1", hostId: "h1" };
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);
const names = (document: string) => readXml(bytes(document)).children.map(({ name }) => name);

describe("rendered", () => {
  test("an error document is S3's, element by element", () => {
    const error = s3Error("NoSuchKey", { Key: "a&b" });
    expect(renderErrorDocument(error, { ...context, bucket: "b" })).toBe(
      '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>NoSuchKey</Code>' +
        `<Message>${catalogue.NoSuchKey.message}</Message><BucketName>b</BucketName><Key>a&amp;b</Key>` +
        "<Resource>/b/k</Resource><RequestId>r1</RequestId><HostId>h1</HostId></Error>",
    );
  });

  test("what the error says of bucket and key stands once, before what the request says", () => {
    const error = s3Error("NoSuchKey", { Key: "source" });
    const document = renderErrorDocument(error, { ...context, bucket: "b", key: "target" });
    expect(readErrorDocument(bytes(document)).details).toEqual({ BucketName: "b", Key: "source" });
  });

  test("where the error says nothing of bucket and key, those of the request stand", () => {
    const asked = { ...context, bucket: "b", key: "k" };
    const document = renderErrorDocument(s3Error("AccessDenied"), asked);
    expect(readErrorDocument(bytes(document)).details).toEqual({ BucketName: "b", Key: "k" });
  });

  test("no bucket and no key leave no empty elements", () => {
    const document = renderErrorDocument(s3Error("AccessDenied"), context);
    expect(names(document)).toEqual(["Code", "Message", "Resource", "RequestId", "HostId"]);
  });

  test("the message is never empty, whatever the throw site or a server gave", () => {
    const emptied = s3Error("AccessDenied", undefined, { message: "" });
    expect(readErrorDocument(bytes(renderErrorDocument(emptied, context))).message).toBe(
      catalogue.AccessDenied.message,
    );
    const foreign = s3ErrorFromWire({ code: "Odd", status: 400, message: "x" });
    foreign.message = "";
    expect(readErrorDocument(bytes(renderErrorDocument(foreign, context))).message).toBe("Odd");
  });

  test("a detail can neither break the document nor restate what is common to all", () => {
    const extra = { "a><b": "1", "": "2", "1st": "3", RequestId: "forged", Fine: "<&>" };
    const document = renderErrorDocument(s3Error("AccessDenied", undefined, { extra }), context);
    expect(names(document)).toEqual(["Code", "Message", "Fine", "Resource", "RequestId", "HostId"]);
    expect(readErrorDocument(bytes(document))).toMatchObject({
      requestId: "r1",
      details: { Fine: "<&>" },
    });
  });

  test("any resource and key come back from the document as they went in", () => {
    const text = fc.string({ unit: "binary", minLength: 1 });
    fc.assert(
      fc.property(text, text, text, (Key, resource, message) => {
        const error = s3Error("NoSuchKey", { Key }, { message });
        const read = readErrorDocument(bytes(renderErrorDocument(error, { ...context, resource })));
        expect(read).toMatchObject({ code: "NoSuchKey", message, resource, details: { Key } });
      }),
    );
  });
});

describe("read", () => {
  test("unknown elements become details, those named like prototype members too", () => {
    const body =
      "<Error><Code>X</Code><__proto__>p</__proto__><toString>t</toString><A>1</A><A>2</A></Error>";
    const { code, details } = readErrorDocument(bytes(body));
    expect(code).toBe("X");
    expect(Object.entries(details)).toEqual([
      ["__proto__", "p"],
      ["toString", "t"],
      ["A", "1"],
    ]);
  });

  test("STS's envelope is opened", () => {
    const body =
      '<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>' +
      "<Code>ExpiredTokenException</Code><Message>m</Message></Error><RequestId>r</RequestId></ErrorResponse>";
    expect(readErrorDocument(bytes(body))).toMatchObject({
      code: "ExpiredTokenException",
      message: "m",
      requestId: "r",
      details: { Type: "Sender" },
    });
  });

  test.each([
    ["nothing", ""],
    ["HTML", "<!DOCTYPE html><html><body>502 Bad Gateway</body></html>"],
    ["JSON", '{"code":"NoSuchKey"}'],
    ["a document that broke off", "<Error><Code>NoSuchKey</Code>"],
    ["another document", "<ListBucketResult><Code>NoSuchKey</Code></ListBucketResult>"],
  ])("%s has no code and is kept raw", (_, body) => {
    expect(readErrorDocument(bytes(body))).toEqual({ details: {}, raw: body });
  });

  test("raw is cut at 4 KiB, not through a character", () => {
    const { raw } = readErrorDocument(bytes(`a${"é".repeat(4096)}`));
    expect(raw).toBe(`a${"é".repeat(2047)}`);
    expect(readErrorDocument(bytes("b".repeat(4096))).raw).toHaveLength(4096);
  });

  test("any bytes are read without failing", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (body) => {
        expect(readErrorDocument(body).raw.length).toBeLessThanOrEqual(300);
      }),
    );
  });
});
