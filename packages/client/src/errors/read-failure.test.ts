import { describe, expect, test } from "vitest";
import { readFailure } from "./read-failure.ts";
import type { WireFailureFields } from "./wire-failure.ts";

const nowMs = Date.UTC(2026, 10, 21, 12, 0, 0);

interface Sent {
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array;
}

function read(
  status: number,
  { method = "GET", headers = {}, body = "" }: Sent,
): WireFailureFields {
  const bytes = typeof body === "string" ? new TextEncoder().encode(body) : body;
  return readFailure({ status, headers, method }, bytes, { nowMs });
}

function document(inner: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n<Error>${inner}</Error>`;
}

describe("the code", () => {
  test("is the document's, wherever it stands, under any namespace and after any white space", () => {
    for (const body of [
      document("<Code>NoSuchKey</Code><Message>Gone.</Message>"),
      document("<Message>Gone.</Message><Code>NoSuchKey</Code>"),
      `  \n ${document("<Message>Gone.</Message><Code>NoSuchKey</Code>")}\n `,
      '<Error xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Code>NoSuchKey</Code><Message>Gone.</Message></Error>',
      '<e:Error xmlns:e="urn:x"><e:Code>NoSuchKey</e:Code><e:Message>Gone.</e:Message></e:Error>',
    ]) {
      expect(read(404, { body })).toMatchObject({
        code: "NoSuchKey",
        message: "Gone.",
        codeInferred: false,
      });
    }
  });

  test("is the document's under a 200 as well", () => {
    expect(read(200, { body: document("<Code>InternalError</Code>") })).toMatchObject({
      code: "InternalError",
      status: 200,
      codeInferred: false,
    });
  });

  test("is read of a document that broke off after it, or is not all UTF-8", () => {
    const start = "<Error><Code>SlowDown</Code><RequestId>R1</RequestId>";
    const broken = Buffer.concat([Buffer.from(start), Buffer.from("<Message>caf\xe9", "latin1")]);
    const wrong = Buffer.concat([broken, Buffer.from("</Message></Error>")]);
    for (const body of [start, `${start}<Mess`, `${start}<Message>Reduce your`, broken, wrong]) {
      expect(read(503, { body })).toMatchObject({ code: "SlowDown", requestId: "R1" });
    }
  });

  test("is inferred where its element is empty or missing", () => {
    for (const body of [document("<Code/>"), document("<Code></Code>"), document("")]) {
      expect(read(500, { body })).toMatchObject({ code: "InternalError", codeInferred: true });
    }
  });

  test("keeps its own sentence where the document has none, whatever the type says", () => {
    const headers = { "content-type": "text/plain" };
    const { message } = read(500, { headers, body: document("<Code>InternalError</Code>") });
    expect(message).toBeUndefined();
  });

  test("is a header's where there is no document", () => {
    const minio = { "x-minio-error-code": "NoSuchBucket", "x-minio-error-desc": "No bucket." };
    expect(read(404, { method: "HEAD", headers: minio })).toMatchObject({
      code: "NoSuchBucket",
      message: "No bucket.",
      codeInferred: false,
    });
    const amz = { "x-amz-error-code": "NoSuchVersion", "x-amz-error-message": "No version." };
    expect(read(404, { method: "HEAD", headers: amz })).toMatchObject({
      code: "NoSuchVersion",
      message: "No version.",
    });
  });

  test.each([
    [304, "NotModified"],
    [301, "PermanentRedirect"],
    [307, "TemporaryRedirect"],
    [400, "BadRequest"],
    [403, "AccessDenied"],
    [404, "NotFound"],
    [405, "MethodNotAllowed"],
    [409, "409"],
    [412, "PreconditionFailed"],
    [416, "InvalidRange"],
    [429, "SlowDown"],
    [500, "InternalError"],
    [502, "BadGateway"],
    [503, "SlowDown"],
    [504, "GatewayTimeout"],
    [520, "520"],
  ])("of a HEAD's %i is inferred as %s", (status, code) => {
    expect(read(status, { method: "HEAD" })).toMatchObject({ code, codeInferred: true });
  });

  test("of a bare 503 is throttling from S3, and an outage from a proxy", () => {
    const request = { "x-amz-request-id": "R1" };
    expect(read(503, { headers: request }).code).toBe("SlowDown");
    expect(read(503, {}).code).toBe("ServiceUnavailable");
    const page = { "content-type": "text/html" };
    expect(read(503, { headers: page, body: "<html>" }).code).toBe("ServiceUnavailable");
    expect(read(503, { headers: page, method: "HEAD" }).code).toBe("ServiceUnavailable");
  });

  test("of a page under a 404 is not that of a missing object, unless S3 sent it", () => {
    const headers = { "content-type": "text/html" };
    const body = "<html><body><h1>404 Not Found</h1></body></html>";
    expect(read(404, { headers, body }).code).toBe("MalformedResponse");
    expect(read(404, { headers, method: "HEAD" }).code).toBe("MalformedResponse");
    const own = { ...headers, "x-amz-request-id": "R1" };
    expect(read(404, { headers: own, body }).code).toBe("NotFound");
  });

  test("of a success without an error is that of an answer which is not S3's", () => {
    for (const body of ["", "   ", "<html></html>", "{}"]) {
      expect(read(200, { body })).toMatchObject({ code: "MalformedResponse", codeInferred: true });
    }
  });
});

test("a page is quoted in one short line, without markup and without what it must not show", () => {
  const body = `<html><style>p{}</style><h1>502 Bad
  Gateway</h1>/b/k?X-Amz-Signature=abcdef0123456789 ${"x".repeat(9999)}`;
  const { code, message } = read(502, { headers: { "content-type": "text/html" }, body });
  expect(code).toBe("BadGateway");
  expect(message).toMatch(
    /^The answer has no S3 error but text\/html, which begins: 502 Bad Gateway/,
  );
  expect(message).not.toContain("abcdef");
  expect(message?.length).toBeLessThan(300);
});

test("ids come from the headers before the document", () => {
  const body = document("<Code>X</Code><RequestId>doc</RequestId><HostId>dochost</HostId>");
  expect(read(400, { body })).toMatchObject({ requestId: "doc", hostId: "dochost" });
  const headers = { "x-amz-request-id": "head", "x-amz-id-2": "headhost" };
  expect(read(400, { body, headers })).toMatchObject({ requestId: "head", hostId: "headhost" });
});

test.each([
  [{ "retry-after": "2" }, 2],
  [{ "retry-after": "0" }, 0],
  [{ "x-amz-retry-after": "1500" }, 1.5],
  [{ "x-amz-retry-after": "1500", "retry-after": "9" }, 1.5],
  [{ "retry-after": "Sat, 21 Nov 2026 12:00:07 GMT" }, 7],
  [{ "retry-after": "Sat, 21 Nov 2026 11:00:00 GMT" }, 0],
  [{ "retry-after": "Sat, 21 Nov 2026 15:00:07 GMT", date: "Sat, 21 Nov 2026 15:00:00 GMT" }, 7],
  [{ "retry-after": "soon" }, undefined],
  [{ "retry-after": "-1" }, undefined],
  [{ "retry-after": "1e9" }, undefined],
  [{}, undefined],
])("%j says to come back after %s seconds", (headers, seconds) => {
  expect(read(503, { headers }).retryAfter).toBe(seconds);
});

test("the clock's offset is the server's date less ours, unless a cache answered", () => {
  const date = "Sat, 21 Nov 2026 11:50:00 GMT";
  expect(read(403, { headers: { date } }).clockOffsetMs).toBe(-600_000);
  expect(read(403, { headers: { date, age: "3" } }).clockOffsetMs).toBeUndefined();
  expect(read(403, { headers: { date: "yesterday" } }).clockOffsetMs).toBeUndefined();
});

test("the region is the header's or the document's, and none that could not be in a host name", () => {
  const body = document("<Code>AuthorizationHeaderMalformed</Code><Region>eu-west-1</Region>");
  expect(read(400, { body }).region).toBe("eu-west-1");
  const headers = { "x-amz-bucket-region": "ap-south-1" };
  expect(read(301, { headers, method: "HEAD" }).region).toBe("ap-south-1");
  const evil = { "x-amz-bucket-region": "evil.example/" };
  expect(read(301, { headers: evil }).region).toBeUndefined();
});

test("details have what the document adds, and neither what proves an identity nor what names one", () => {
  const body = document(
    "<Code>SignatureDoesNotMatch</Code><AWSAccessKeyId>AKIDEXAMPLE</AWSAccessKeyId><Token-0>s1s1s1</Token-0>" +
      "<StringToSign>s2s2s2</StringToSign><StringToSignBytes>s3s3s3</StringToSignBytes><SignatureProvided>s4s4s4</SignatureProvided>" +
      "<CanonicalRequest>s5s5s5</CanonicalRequest><CanonicalRequestBytes>s6s6s6</CanonicalRequestBytes>" +
      "<ArgumentName>Authorization</ArgumentName><ArgumentValue>s7s7s7</ArgumentValue><Key>a&#10;b</Key>",
  );
  expect(read(403, { body }).details).toEqual({
    AWSAccessKeyId: "AKIDEXAMPLE",
    ArgumentName: "Authorization",
    Key: "a\nb",
  });
});

test("a 405 tells a delete marker apart", () => {
  const headers = { "x-amz-delete-marker": "true" };
  expect(read(405, { headers, method: "HEAD" }).details).toEqual({ DeleteMarker: "true" });
});

test("64 KiB of anything cost little and never fail", () => {
  const size = 65_536;
  const bodies = [
    "a",
    "token",
    "<",
    "<Error>",
    "</",
    "<script",
    "&#",
    "\u00ff",
    " ",
    "token ",
    "%3D",
    "<?",
  ].map((unit) => unit.repeat(size / unit.length));
  for (const inner of bodies) {
    for (const body of [inner, document(`<Code>A</Code><Message>${inner}`)]) {
      const before = process.cpuUsage();
      const { message = "" } = read(500, { body });
      expect(message.length).toBeLessThanOrEqual(1024);
      const { user, system } = process.cpuUsage(before);
      expect((user + system) / 1_000).toBeLessThan(500);
    }
  }
});
