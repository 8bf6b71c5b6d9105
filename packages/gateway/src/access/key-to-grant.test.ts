import { createHash } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { childrenNamed, childText } from "@holdfast/protocol";
import { documentOf, refusalOf, type Ask } from "../s3-subject.test.support.ts";
import {
  startFront,
  startRawUpstream,
  type Front,
  type RawUpstream,
} from "../upstream/front.test.support.ts";
import { grant, testCredential } from "./memory-control.test.support.ts";

const narrow = testCredential("narrow", {
  grants: [
    grant("bucket", "in/", "read", "write", "delete", "list"),
    grant("second", "in/", "read", "write"),
  ],
});
const wide = testCredential("wide", {
  grants: [
    grant("bucket", "in/", "read", "write", "delete", "list"),
    grant("bucket", "", "read"),
    grant("second", "", "write"),
  ],
});

let upstream: RawUpstream;
let front: Front;
beforeAll(async () => {
  // It takes keys for paths, as a server over a file system may: what it serves is where the dots lead.
  upstream = await startRawUpstream(({ socket, head }) => {
    const [method, target = "/"] = head.split(" ");
    const { pathname } = new URL(target, "http://far");
    const body = method === "GET" ? pathname : "";
    socket.write(`HTTP/1.1 200 OK\r\netag: "x"\r\ncontent-length: ${body.length}\r\n\r\n${body}`);
  });
  front = await startFront([upstream.endpoint], {
    credential: (id) => [narrow, wide].find(({ accessKeyId }) => accessKeyId === id),
  });
});
afterAll(async () => {
  await front.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
});

const get = (target: string): Ask => ({ method: "GET", target, as: narrow });
const copyFrom = (source: string): Ask => ({
  method: "PUT",
  target: "/bucket/in/copy",
  headers: { "x-amz-copy-source": source },
  as: narrow,
});

test.each<[string, Ask]>([
  ["a read", get("/bucket/in/../secret")],
  ["a read, encoded", get("/bucket/in/%2e%2e/secret")],
  ["a read whose slashes are encoded", get("/bucket/in%2F..%2Fsecret")],
  ["a read that goes deeper first", get("/bucket/in/a/../../secret")],
  ["a read of the prefix itself", get("/bucket/in/..")],
  ["a read that stays where it is", get("/bucket/in/./a")],
  ["a write", { method: "PUT", target: "/bucket/in/../secret", body: "x", as: narrow }],
  ["a deletion", { method: "DELETE", target: "/bucket/in/../secret", as: narrow }],
  ["an upload in parts", { method: "POST", target: "/bucket/in/../secret?uploads", as: narrow }],
  ["a copy from there", copyFrom("/second/in/../secret")],
  ["a listing", get("/bucket?list-type=2&prefix=in/../")],
])(
  "%s through dots is refused to a credential with a prefix, and no upstream is asked",
  async (_what, ask) => {
    const answer = await front.send(ask);
    expect(refusalOf(answer)).toMatchObject({ status: 403, Code: "AccessDenied" });
    expect(front.records.at(-1)?.reason).toBe("scope_violation");
    expect(upstream.seen).toEqual([]);
  },
);

test("of many deletions those through dots are refused, each by itself", async () => {
  const body = "<Delete><Object><Key>in/../secret</Key></Object></Delete>";
  const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
  const answer = await front.send({
    method: "POST",
    target: "/bucket?delete",
    headers,
    body,
    as: narrow,
  });
  const [error] = childrenNamed(documentOf(answer), "Error");
  expect(error && childText(error, "Code")).toBe("AccessDenied");
  expect(upstream.seen).toEqual([]);
});

test("dots that are part of a name go through", async () => {
  for (const name of ["..a", "a..", "...", ".a", "a.", "a..b"]) {
    const answer = await front.send(get(`/bucket/in/${name}`));
    expect([answer.status, answer.body.toString()]).toEqual([200, `/far-bucket/in/${name}`]);
  }
});

test("who may read the whole bucket may read such a key, for the dots lead nowhere else", async () => {
  const answer = await front.send({ ...get("/bucket/in/../secret"), as: wide });
  expect(answer.status).toBe(200);
  const put = { method: "PUT", target: "/bucket/in/../secret", body: "x", as: wide };
  expect((await front.send(put)).status).toBe(403);
  const there = { method: "PUT", target: "/second/in/../secret", body: "x", as: wide };
  expect((await front.send(there)).status).toBe(200);
});
