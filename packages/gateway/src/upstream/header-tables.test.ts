import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { refusalOf } from "../s3-subject.test.support.ts";
import {
  startFront,
  startRawUpstream,
  type Front,
  type RawUpstream,
} from "./front.test.support.ts";
import type { HeaderRow } from "./header-table.ts";
import { requestHeaders } from "./request-headers.ts";
import { responseHeaders } from "./response-headers.ts";

let upstream: RawUpstream;
let front: Front;
let more = "";
beforeAll(async () => {
  upstream = await startRawUpstream(({ socket }) => {
    socket.write(`HTTP/1.1 200 OK\r\netag: "x"\r\n${more}content-length: 3\r\n\r\nabc`);
  });
  front = await startFront([upstream.endpoint]);
});
afterAll(async () => {
  await front.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
  more = "";
});

/** One that the row decides on. */
const nameOf = ({ name }: HeaderRow): string =>
  name === "*" ? "x-of-nobody" : name.replace("*", "some");

/** Headers whose value decides whether a request can be read at all; they are tested where that is. */
const framing = new Set(["authorization", "connection", "content-length", "content-md5", "expect", "host", "te", "traceparent", "trailer", "transfer-encoding", "upgrade", "x-amz-content-sha256", "x-amz-copy-source", "x-amz-date", "x-amz-decoded-content-length", "x-amz-trailer", "x-amz-security-token", "x-amz-sdk-checksum-algorithm"]); // prettier-ignore

test.each(requestHeaders.rows.filter(({ name }) => !framing.has(name)))(
  "$name of a request is $fate",
  async (row) => {
    const name = nameOf(row);
    const [value = "a-value"] = row.values ?? [];
    const got = await front.send({ method: "GET", target: "/bucket/key", headers: { [name]: value } }); // prettier-ignore
    const head = upstream.seen[0]?.head ?? "";
    const found = new RegExp(`^${name}: (.*)$`, "im").exec(head)?.[1];
    if (row.fate === "refused") {
      expect(refusalOf(got)).toMatchObject({ status: 501, Code: "NotImplemented", Header: name });
      expect(upstream.seen).toEqual([]);
    } else if (row.needsTls === true) {
      expect(refusalOf(got)).toMatchObject({ status: 400, Code: "InvalidRequest" });
    } else {
      expect(got.status).toBe(200);
      expect(found).toBe(row.fate === "ended" ? undefined : value);
    }
  },
);

test.each(requestHeaders.rows.filter(({ values }) => values !== undefined))(
  "$name of a request with another value is refused",
  async (row) => {
    const headers = { [nameOf(row)]: "another" };
    const got = await front.send({ method: "GET", target: "/bucket/key", headers });
    expect(refusalOf(got)).toMatchObject({ status: 501, Code: "NotImplemented" });
  },
);

const own = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade", "trailer"]); // prettier-ignore

test.each(responseHeaders.rows.filter(({ name }) => !own.has(name) && name !== "etag"))(
  "$name of an answer is $fate",
  async (row) => {
    const name = nameOf(row);
    more = `${name}: their-value\r\n`;
    const got = await front.send({ method: "GET", target: "/bucket/key" });
    const found = got.rawHeaders.filter((_, index) => got.rawHeaders[index - 1]?.toLowerCase() === name); // prettier-ignore
    if (row.fate === "forwarded") expect(found).toEqual(["their-value"]);
    else expect(found).not.toContain("their-value");
  },
);

test("a header that Connection names and that must go on is refused", async () => {
  const unsigned = { connection: "keep-alive, x-amz-meta-a" };
  const got = await front.send({ method: "GET", target: "/bucket/key", unsigned });
  expect(refusalOf(got)).toMatchObject({ status: 400, Code: "InvalidRequest" });
});

test("an upstream that compresses is asked for what the client asked for, and not read", async () => {
  more = "content-encoding: gzip\r\n";
  const plain = await front.send({ method: "GET", target: "/bucket/key" });
  expect(upstream.seen[0]?.head).toMatch(/^accept-encoding: identity$/m);
  expect([plain.headers["content-encoding"], plain.body.toString()]).toEqual(["gzip", "abc"]);
});

const table = (rows: readonly HeaderRow[]): string[] => [
  "| header | is | why |",
  "| ------ | -- | --- |",
  ...rows.map(
    ({ name, fate, reason, values, needsTls }) =>
      `| \`${name}\` | ${fate}${values === undefined ? "" : `: ${values.map((one) => `\`${one}\``).join(", ")}`}${needsTls === true ? " over TLS" : ""} | ${reason} |`,
  ),
];

test("docs/reference/upstream-headers.md is the tables", async () => {
  const page = [
    "# Headers between clients and upstreams",
    "",
    "What becomes of each header of a request for a bucket that is attached, and of the answer. `forwarded`: it goes on as it",
    "came; where values are named, others are refused. `rewritten`: it goes on with a value that is made here. `ended`: its part",
    "ends at this gateway. `refused`: the request fails with `NotImplemented`. A name that ends in `*` stands for all that begin so",
    "and have no row of their own. The test that writes this page sends each of them.",
    "",
    "## Requests",
    "",
    ...table(requestHeaders.rows),
    "",
    "## Answers",
    "",
    ...table(responseHeaders.rows),
    "",
  ];
  const path = "../../../../docs/reference/upstream-headers.md";
  await expect(page.join("\n")).toMatchFileSnapshot(path);
});
