import { connect } from "node:net";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { signRequest } from "@holdfast/protocol";
import { credentials, refusalOf, region, type Answer, type Ask } from "../s3-subject.test.support.ts"; // prettier-ignore
import { startFront, startRawUpstream, until, type Front, type RawUpstream, type Seen } from "./front.test.support.ts"; // prettier-ignore

let upstream: RawUpstream;
let front: Front;

const limits = { connectMs: 1000, headersMs: 1200, idleMs: 1200, restMs: 1000, connectionsMax: 8 };

beforeEach(async () => {
  upstream = await startRawUpstream(() => {});
  front = await startFront([upstream.endpoint], { limits });
});

afterEach(async () => {
  await front.close();
  await until(() => upstream.open.size === 0);
  const left = upstream.open.size;
  await upstream.close();
  if (left > 0) throw new Error(`${left} connections were left open`);
});

const get: Ask = { method: "GET", target: "/bucket/key" };
const put: Ask = { method: "PUT", target: "/bucket/key", body: "hello" };
const list: Ask = { method: "GET", target: "/bucket?list-type=2" };
const complete: Ask = {
  method: "POST",
  target: "/bucket/key?uploadId=1",
  body: "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>e</ETag></Part></CompleteMultipartUpload>",
};

const head = (status: string, ...headers: string[]): string =>
  `HTTP/1.1 ${status}\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n`;
const answer = (status: string, body: string, ...headers: string[]): string =>
  head(status, ...headers, `content-length: ${Buffer.byteLength(body)}`) + body;
const says =
  (text: string) =>
  ({ socket }: Seen): void => {
    socket.write(text);
  };
const saysAndEnds =
  (text: string) =>
  ({ socket }: Seen): void => {
    socket.end(text);
  };
const error = (code: string, more = ""): string =>
  `<?xml version="1.0"?><Error><Code>${code}</Code><Message>secret host 10.0.0.1</Message><BucketName>far-bucket</BucketName><Resource>/far-bucket/key</Resource>${more}<HostId>inner</HostId></Error>`;
const xml = "content-type: application/xml";
const html = "content-type: text/html";
const page = "<html><body>Welcome to inner.example</body></html>";

/** No name, no address and no word of the upstream's. */
function expectNothingLeaked(got: Answer): void {
  // Any digits may stand in an id.
  const ids = ["x-amz-request-id", "x-amz-id-2"].map((name) => String(got.headers[name]));
  const text = ids.reduce(
    (rest, id) => rest.replaceAll(id, ""),
    JSON.stringify(got.rawHeaders) + got.body.toString(),
  );
  expect(text).not.toMatch(/far-bucket|10\.0\.0\.1|inner|secret|eu-far-1|AKIDFAR/);
  expect(text).not.toContain(new URL(upstream.endpoint).port);
}

type Row = readonly [name: string, ask: Ask, act: (seen: Seen) => void, status: number, code: string, reason: string]; // prettier-ignore

test.each<Row>([
  // Resets and silence, phase by phase.
  ["closes without an answer", get, ({ socket }) => socket.end(), 503, "ServiceUnavailable", "upstream_reset"],
  ["resets without an answer", get, ({ socket }) => socket.resetAndDestroy(), 503, "ServiceUnavailable", "upstream_reset"],
  ["resets an upload that is there", put, ({ socket }) => socket.resetAndDestroy(), 503, "ServiceUnavailable", "upstream_reset"],
  ["closes within the head", get, saysAndEnds("HTTP/1.1 200 OK\r\netag: x"), 503, "ServiceUnavailable", "upstream_reset"],
  ["closes within a small body", get, saysAndEnds(head("200 OK", "etag: x", "content-length: 10") + "abc"), 502, "BadGateway", "upstream_truncated"],
  ["closes within chunks", get, saysAndEnds(head("200 OK", "etag: x", "transfer-encoding: chunked", "content-type: a") + "5\r\nab"), 0, "", ""],
  ["says nothing", get, () => {}, 503, "ServiceUnavailable", "upstream_timeout"],
  ["says nothing to an upload", put, () => {}, 503, "ServiceUnavailable", "upstream_timeout"],
  ["stalls within the head", get, says("HTTP/1.1 200 OK\r\n"), 503, "ServiceUnavailable", "upstream_timeout"],
  ["stalls within a small body", get, says(head("200 OK", "etag: x", "content-length: 10") + "abc"), 503, "ServiceUnavailable", "upstream_timeout"],
  ["stalls within a document", list, says(head("200 OK", xml, "content-length: 100") + "<ListB"), 503, "ServiceUnavailable", "upstream_timeout"],
  // What is no HTTP.
  ["speaks another protocol", get, says("220 mail.inner.example ESMTP\r\n"), 502, "BadGateway", "upstream_malformed"],
  ["says two lengths", get, says(head("200 OK", "content-length: 1", "content-length: 2")), 502, "BadGateway", "upstream_malformed"],
  ["says a length and a coding", get, says(head("200 OK", "etag: x", "content-length: 3", "transfer-encoding: chunked") + "0\r\n\r\n"), 502, "BadGateway", "upstream_malformed"],
  ["says no length of numbers", get, says(head("200 OK", "content-length: -1")), 502, "BadGateway", "upstream_malformed"],
  ["has a head without end", get, ({ socket }) => socket.write(`HTTP/1.1 200 OK\r\nx: ${"y".repeat(70_000)}`), 502, "BadGateway", "upstream_malformed"],
  ["has chunks that are none", list, says(`${head("200 OK", xml, "transfer-encoding: chunked")}zz\r\n`), 502, "BadGateway", "upstream_malformed"],
  ["has two entity tags", get, says(answer("200 OK", "abc", "etag: a", "etag: b")), 502, "BadGateway", "upstream_malformed"],
  // What is HTTP and not S3.
  ["answers with a page", get, says(answer("200 OK", page, html)), 502, "BadGateway", "upstream_malformed"],
  ["answers an upload with a page", put, says(answer("200 OK", page, html, "etag: x")), 502, "BadGateway", "upstream_malformed"],
  ["answers an upload with nothing to know it by", put, says(answer("200 OK", "")), 502, "BadGateway", "upstream_malformed"],
  ["answers a deletion with a page", { method: "DELETE", target: "/bucket/key" }, says(answer("200 OK", page, html)), 502, "BadGateway", "upstream_malformed"],
  ["answers a listing with a page", list, says(answer("200 OK", page, html)), 502, "BadGateway", "upstream_malformed"],
  ["answers a listing with another document", list, says(answer("200 OK", "<CopyObjectResult/>", xml)), 502, "BadGateway", "upstream_malformed"],
  ["answers a listing that breaks off", list, says(answer("200 OK", "<ListBucketResult><Name>far-bucket</Name>", xml)), 502, "BadGateway", "upstream_malformed"],
  ["answers a listing with a DTD", list, says(answer("200 OK", '<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult/>', xml)), 502, "BadGateway", "upstream_malformed"],
  ["answers a listing of 9 MiB", list, says(answer("200 OK", `<ListBucketResult>${" ".repeat(9 << 20)}</ListBucketResult>`, xml)), 502, "BadGateway", "upstream_answer_too_large"],
  ["is a page not found", get, says(answer("404 Not Found", page, html)), 502, "BadGateway", "upstream_malformed"],
  ["is a load balancer without servers", get, says(answer("503 Service Unavailable", page, html)), 503, "ServiceUnavailable", "upstream_unavailable"],
  ["is a load balancer with a broken one", get, says(answer("502 Bad Gateway", page, html)), 502, "BadGateway", "upstream_malformed"],
  ["answers with a status of none", get, says(answer("299 Odd", "abc", "etag: x")), 502, "BadGateway", "upstream_malformed"],
  ["redirects", get, says(answer("301 Moved", error("PermanentRedirect"), xml, "location: http://inner.example/")), 502, "BadGateway", "upstream_redirect"],
  ["redirects for a while", get, says(answer("307 Temporary Redirect", error("TemporaryRedirect"), xml, "location: http://inner.example/")), 503, "ServiceUnavailable", "upstream_redirect"],
  // What is S3 and speaks of us.
  ["does not know our key", get, says(answer("403 Forbidden", error("InvalidAccessKeyId", "<AWSAccessKeyId>AKIDFAR</AWSAccessKeyId>"), xml)), 500, "InternalError", "upstream_credential"],
  ["does not believe our signature", get, says(answer("403 Forbidden", error("SignatureDoesNotMatch"), xml)), 500, "InternalError", "upstream_credential"],
  ["finds our clock wrong", get, says(answer("403 Forbidden", error("RequestTimeTooSkewed"), xml)), 500, "InternalError", "upstream_credential"],
  ["finds our region wrong", get, says(answer("400 Bad Request", error("AuthorizationHeaderMalformed", "<Region>eu-far-1</Region>"), xml)), 500, "InternalError", "upstream_credential"],
  ["does not let us read", get, says(answer("403 Forbidden", error("AccessDenied"), xml)), 403, "AccessDenied", "upstream_access_denied"],
  // What is S3 and speaks of the request.
  ["has no such key", get, says(answer("404 Not Found", error("NoSuchKey"), xml)), 404, "NoSuchKey", "no_such_key"],
  ["asks for a slower pace", get, says(answer("503 Slow Down", error("SlowDown"), xml, "retry-after: 7")), 429, "SlowDown", "slow_down"],
  ["has a code of its own", get, says(answer("418 Teapot", error("XFarTeapot"), xml)), 418, "XFarTeapot", "unknown_code"],
  ["has a status of its own", get, says(answer("400 Bad Request", error("NoSuchKey"), xml)), 400, "NoSuchKey", "no_such_key"],
  ["fails a completion after its 200", complete, says(answer("200 OK", error("InternalError"), xml)), 500, "InternalError", "internal_error"],
  ["slows a copy down after its 200", { method: "PUT", target: "/bucket/key", headers: { "x-amz-copy-source": "/second/key" } }, says(answer("200 OK", error("SlowDown"), xml)), 429, "SlowDown", "slow_down"],
])("an upstream that %s is told as what it is", async (...row) => {
  const [, ask, act, status, code, reason] = row;
  upstream.act = act;
  if (status === 0) {
    // The length is not known before the end, so the head is out: all that is left to break is the connection.
    await expect(front.send(ask)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
    return;
  }
  const got = await front.send(ask);
  expect(refusalOf(got)).toMatchObject({ status, Code: code, BucketName: "bucket" });
  expect(front.records.at(-1)).toMatchObject({ code, reason });
  expectNothingLeaked(got);
  if (code === "ServiceUnavailable") expect(got.headers["retry-after"]).toBe("1");
}); // prettier-ignore

test.each([
  ["200 OK", 200],
  ["304 Not Modified", 304],
  ["404 Not Found", 404],
  ["403 Forbidden", 403],
  ["401 Unauthorized", 500],
  ["412 Precondition Failed", 412],
  ["418 Teapot", 502],
  ["503 Service Unavailable", 503],
])(
  "a HEAD that is answered %s has no more than its status, and is %s here",
  async (line, status) => {
    upstream.act = says(head(line, "etag: x", "content-length: 10"));
    const got = await front.send({ method: "HEAD", target: "/bucket/key" });
    expect([got.status, got.body.length]).toEqual([status, 0]);
  },
);

test.each<[line: string, stated: string, status: number, code: string]>([
  ["404 Not Found", "NoSuchBucket", 404, "NoSuchBucket"],
  ["400 Bad Request", "InvalidDigest", 400, "InvalidDigest"],
  ["403 Forbidden", "SignatureDoesNotMatch", 500, "InternalError"],
  ["403 Forbidden", "<b>no code</b>", 403, "AccessDenied"],
  ["404 Not Found", "", 404, "NoSuchKey"],
])("a HEAD that is answered %s with the code %s in a header is %i %s", async (...row) => {
  const [line, stated, status, code] = row;
  for (const name of ["x-amz-error-code", "x-minio-error-code"]) {
    upstream.act = says(head(line, `${name}: ${stated}`));
    const got = await front.send({ method: "HEAD", target: "/bucket/key" });
    expect([got.status, got.headers["x-amz-error-code"]]).toEqual([status, code]);
  }
});

test("a HEAD that a page would answer is not a missing key", async () => {
  upstream.act = says(head("404 Not Found", "content-type: text/html"));
  expect((await front.send({ method: "HEAD", target: "/bucket/key" })).status).toBe(502);
});

test("a read is tried once more, on another connection", async () => {
  upstream.act = ({ socket }) => {
    if (upstream.seen.length === 1) socket.resetAndDestroy();
    else socket.write(answer("200 OK", "abc", "etag: x"));
  };
  expect((await front.send(get)).body.toString()).toBe("abc");
  expect(upstream.seen).toHaveLength(2);
});

test.each([put, { method: "DELETE", target: "/bucket/key" }, complete])(
  "a $method that may have happened is not sent again",
  async (ask) => {
    upstream.act = ({ socket }) => socket.resetAndDestroy();
    expect((await front.send(ask)).status).toBe(503);
    expect(upstream.seen).toHaveLength(1);
  },
);

test("what follows a body on its connection is nobody's answer", async () => {
  upstream.act = ({ socket }) => {
    socket.write(
      `${answer("200 OK", "abc", "etag: x")}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil`,
    );
  };
  for (let time = 0; time < 3; time += 1) {
    expect((await front.send(get)).body.toString()).toBe("abc");
  }
});

test("a large body that breaks off breaks the connection", async () => {
  upstream.act = saysAndEnds(
    head("200 OK", "etag: x", "content-length: 1000000") + "x".repeat(300_000),
  );
  await expect(front.send(get)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
  await until(() => front.records.length > 0);
  expect(front.records.at(-1)).toMatchObject({ status: 200, aborted: true });
});

test("a large body that stalls breaks the connection", async () => {
  upstream.act = says(head("200 OK", "etag: x", "content-length: 1000000") + "x".repeat(300_000));
  await expect(front.send(get)).rejects.toThrow(/aborted|hang up|ECONNRESET/);
});

test("a body that drips arrives, however long that takes", async () => {
  upstream.act = ({ socket }) => {
    socket.write(head("200 OK", "etag: x", "content-length: 30"));
    let sent = 0;
    const drip = setInterval(() => {
      socket.write("x");
      sent += 1;
      if (sent === 30) clearInterval(drip);
    }, 70);
  };
  expect((await front.send(get)).body.length).toBe(30);
});

describe("a large upload", () => {
  const body = Buffer.alloc(8 << 20, "x");
  const large: Ask = { ...put, body };

  test("that is refused before its end is told so at once, and the rest is not asked for", async () => {
    upstream.act = saysAndEnds(answer("403 Forbidden", error("AccessDenied"), xml));
    const got = await front.send({ ...large, body: Buffer.alloc(900_000) });
    expect(refusalOf(got)).toMatchObject({ status: 403, Code: "AccessDenied" });
  });

  test("of which a success is told before its end is none", async () => {
    upstream.act = says(answer("200 OK", "", "etag: x"));
    const got = await front.send({ ...large, body: Buffer.alloc(900_000) });
    expect(refusalOf(got)).toMatchObject({ status: 502, Code: "BadGateway" });
  });

  test("that an upstream stops reading is given up", async () => {
    upstream.act = ({ socket }) => socket.pause();
    // The connection may end before the answer is read: there is a body of 8 MiB in its way.
    const got = await front.send(large).catch(() => undefined);
    if (got !== undefined) expect(refusalOf(got)).toMatchObject({ status: 503 });
    await until(() => front.records.length > 0);
    expect(front.records.at(-1)).toMatchObject({ status: 503, reason: "upstream_timeout" });
    upstream.act = () => {};
    for (const socket of upstream.open) socket.resume();
  });

  test.each([0, 70_000, 3_000_000])("that is reset after %i bytes is given up", async (bytes) => {
    upstream.act = (seen) => {
      const look = setInterval(() => {
        if (seen.body.length < bytes) return;
        clearInterval(look);
        seen.socket.resetAndDestroy();
      }, 5);
    };
    const got = await front.send(large).catch(() => undefined);
    if (got !== undefined) expect(refusalOf(got)).toMatchObject({ status: 503 });
    await until(() => front.records.length > 0);
    expect(front.records.at(-1)).toMatchObject({ status: 503, reason: "upstream_reset" });
    expect(upstream.seen).toHaveLength(1);
  });
});

/** A client that signs a request, sends `part` of it and leaves when `when` says so. */
function leave(ask: Ask, part: (head: string) => string, when: () => boolean): Promise<void> {
  const { port } = front.gateway;
  const { method, target } = ask;
  const host = { host: `127.0.0.1:${port}`, ...ask.headers };
  const signing = { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" };
  const headers = signRequest({ method, target, headers: host }, signing);
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, "127.0.0.1");
  socket.write(part(`${method} ${target} HTTP/1.1\r\n${lines.join("")}`));
  return until(when).then(() => void socket.destroy());
}

test("a client that leaves while it sends ends the upstream's request, and nothing was stored", async () => {
  const announced = "content-length: 1000000\r\n\r\n";
  await leave(
    { method: "PUT", target: "/bucket/key" },
    (text) => text + announced + "x".repeat(500_000),
    () => (upstream.seen[0]?.body.length ?? 0) > 100_000,
  );
  await until(() => upstream.seen[0]?.socket.destroyed === true);
  expect(upstream.seen).toMatchObject([{ socket: { destroyed: true } }]);
  expect(upstream.seen[0]?.body.length).toBeLessThan(1_000_000);
});

test("a client that leaves while it reads ends the upstream's request", async () => {
  upstream.act = ({ socket }) => {
    socket.write(head("200 OK", "etag: x", "content-length: 1000000000"));
    const more = setInterval(() => {
      if (socket.destroyed) clearInterval(more);
      else if (socket.writableLength < 1 << 20) socket.write(Buffer.alloc(1 << 18));
    }, 2);
  };
  await leave(get, (text) => `${text}\r\n`, () => (upstream.open.values().next().value?.bytesWritten ?? 0) > 1 << 20); // prettier-ignore
  await until(() => upstream.seen[0]?.socket.destroyed === true);
  expect(upstream.seen).toMatchObject([{ socket: { destroyed: true } }]);
});

test("a client that leaves before its answer begins ends the upstream's request, and is no failure of the upstream", async () => {
  upstream.act = () => {};
  await leave(get, (text) => `${text}\r\n`, () => upstream.seen.length > 0); // prettier-ignore
  await until(() => upstream.seen[0]?.socket.destroyed === true);
  await until(() => front.records.length > 0);
  expect(upstream.seen).toMatchObject([{ socket: { destroyed: true } }]);
  expect(front.records).toMatchObject([{ reason: "client_disconnected", aborted: true }]);
});
