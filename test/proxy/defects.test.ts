import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { openEngine } from "@holdfast/engine";
import { openQuotas, type Quota } from "@holdfast/gateway";
import { signRequest } from "@holdfast/protocol";
import {
  startFront,
  startRawUpstream,
  type Front,
  type RawUpstream,
} from "../../packages/gateway/src/upstream/front.test.support.ts";
import {
  credentials,
  region,
  startSubject,
  type Ask,
} from "../../packages/gateway/src/s3-subject.test.support.ts";

let upstream: RawUpstream;
let front: Front;

beforeAll(async () => {
  upstream = await startRawUpstream(() => {});
  front = await startFront([upstream.endpoint]);
});
afterAll(async () => {
  await front.close();
  await upstream.close();
});
beforeEach(() => {
  upstream.seen.length = 0;
  upstream.act = ({ socket }) => {
    socket.write('HTTP/1.1 200 OK\r\netag: "e"\r\ncontent-length: 0\r\n\r\n');
  };
});

const head = (index = 0): string => upstream.seen[index]?.head ?? "";

/** A signed upload in chunks, with bytes of anyone's making for its body. */
async function chunked(payload: string, body: string): Promise<string> {
  const { port } = front.gateway;
  const headers = { host: `127.0.0.1:${port}`, "x-amz-decoded-content-length": "5" };
  const signed = signRequest(
    { method: "PUT", target: "/bucket/key", headers },
    { credentials, region, now: Date.now(), payload },
  );
  const lines = Object.entries(signed).map(([name, value]) => `${name}: ${value}\r\n`);
  const socket = connect(port, "127.0.0.1");
  const length = `content-length: ${body.length}\r\nconnection: close`;
  socket.write(`PUT /bucket/key HTTP/1.1\r\n${lines.join("")}${length}\r\n\r\n${body}`);
  const answer = await text(socket);
  socket.destroy();
  return answer;
}

describe.each(["STREAMING-AWS4-HMAC-SHA256-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER"])(
  "in %s",
  (payload) => {
    test.each(["7fffffffffffffff", "ffffffff", "80000000", "6", "-1", "5".repeat(10_000)])(
      "a chunk that says that it has %s bytes is refused and takes no memory",
      async (size) => {
        const before = process.memoryUsage().rss;
        const signature = payload.includes("HMAC") ? `;chunk-signature=${"0".repeat(64)}` : "";
        expect(await chunked(payload, `${size}${signature}\r\nhello`)).toMatch(
          /^HTTP\/1\.1 4\d\d /,
        );
        expect(process.memoryUsage().rss - before).toBeLessThan(64 * 2 ** 20);
        expect((await front.send({ method: "GET", target: "/bucket/key" })).status).toBe(200);
      },
    );
  },
);

test.each(["/bucket/../other/secret", "/bucket/%2e%2e/other/secret", "/bucket/a/../../other"])(
  "%s leads out of its bucket for whoever takes dots for directions, and is not forwarded",
  async (target) => {
    const asks = [
      { method: "GET", target },
      { method: "PUT", target, body: "x" },
    ];
    for (const ask of asks) expect((await front.send(ask)).status).toBe(400);
    expect(upstream.seen).toEqual([]);
    const source = target.replace("/bucket", "bucket");
    const copy = { "x-amz-copy-source": source };
    const copied = await front.send({ method: "PUT", target: "/bucket/key", headers: copy });
    expect(copied.status).toBe(400);
    expect(upstream.seen).toEqual([]);
  },
);

test.each(["/bucket/a/../b", "/bucket/a/./b//c", "/bucket/..a/b", "/bucket/a%2F..%2Fb"])(
  "%s stays within its bucket, however it is read, and is forwarded",
  async (target) => {
    expect((await front.send({ method: "GET", target })).status).toBe(200);
    const path = head().split(" ")[1] ?? "";
    expect(new URL(path, upstream.endpoint).pathname).toMatch(/^\/far-bucket\//);
  },
);

test("bytes that are compressed go through as they are, with their length and their coding", async () => {
  const packed = gzipSync("x".repeat(10_000));
  upstream.act = ({ socket }) => {
    const headers = ['etag: "e"', "content-encoding: gzip", `content-length: ${packed.length}`];
    socket.write(`HTTP/1.1 200 OK\r\n${headers.join("\r\n")}\r\n\r\n`);
    socket.write(packed);
  };
  const answer = await front.send({ method: "GET", target: "/bucket/key" });
  expect(answer.body.equals(packed)).toBe(true);
  expect(answer.headers).toMatchObject({ "content-encoding": "gzip", etag: '"e"' });
  expect(answer.headers["content-length"]).toBe(String(packed.length));
  expect(head()).toMatch(/^accept-encoding: identity$/im);
});

const asked: Readonly<Record<string, string>> = {
  "x-amz-server-side-encryption-customer-algorithm": "AES256",
  "x-amz-server-side-encryption-aws-kms-key-id": "key",
  "x-amz-object-lock-mode": "COMPLIANCE",
  "x-amz-object-lock-legal-hold": "ON",
  "x-amz-bypass-governance-retention": "true",
  "x-amz-expected-bucket-owner": "111122223333",
  "x-amz-tagging": "a=b",
  "x-amz-storage-class": "STANDARD_IA",
  "x-amz-meta-a": "b",
  "x-amz-checksum-crc32": "NhCmhg==",
  "x-amz-sdk-checksum-algorithm": "CRC32",
  "x-amz-grant-read": "id=1",
  "x-amz-header-of-tomorrow": "1",
  "if-none-match": "*",
};

test.each(Object.entries(asked))(
  "%s of an upload is forwarded or refused, and never just left out",
  async (name, value) => {
    const checksum = name.startsWith("x-amz-sdk") ? { "x-amz-checksum-crc32": "NhCmhg==" } : {};
    const ask: Ask = { method: "PUT", target: "/bucket/key", body: "hello" };
    const { status } = await front.send({ ...ask, headers: { [name]: value, ...checksum } });
    const isForwarded = head().toLowerCase().includes(`\r\n${name}: ${value.toLowerCase()}`);
    expect(isForwarded ? status === 200 : status >= 400).toBe(true);
  },
);

test("uploads that come together to a bucket that was never counted have it counted once", async () => {
  const directory = await mkdtemp(join(tmpdir(), "holdfast-counts-"));
  const engine = await openEngine({ directory: join(directory, "engine") });
  let looks = 0;
  const watched = new Proxy(engine, {
    get(target, name): unknown {
      if (name === "listObjects") looks += 1;
      const value: unknown = Reflect.get(target, name, target);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const quotaOf = (): Quota => ({ hardBytes: 1000 });
  const quotas = await openQuotas({
    file: join(directory, "usage.db"),
    engine: watched,
    quotaOf,
    upstreams: undefined,
    attachmentOf: () => undefined,
  });
  const subject = await startSubject("documented", { engine, quotas });
  await engine.createBucket("bucket");
  const puts = Array.from({ length: 16 }, (_, index) =>
    subject.send({ method: "PUT", target: `/bucket/${index}`, body: "x" }),
  );
  const answers = await Promise.all(puts);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
  expect(looks).toBe(1);
  await subject.close();
  await quotas.close();
  await engine.close();
  await rm(directory, { recursive: true });
});

test("there is no login, no session, no account, no share and no page of users' bytes to attack", () => {
  const page: unknown = JSON.parse(readFileSync("docs/reference/admin-openapi.json", "utf8"));
  const paths = typeof page === "object" && page !== null && "paths" in page ? page.paths : {};
  const names = Object.keys(paths ?? {}).filter((path) => !path.endsWith("/sessions"));
  expect(names.length).toBeGreaterThan(10);
  expect(
    names.filter((path) => /log-?in|session|user|account|oidc|share|object/i.test(path)),
  ).toEqual([]);
  const manifests = ["gateway", "cli"].map((name) =>
    readFileSync(`packages/${name}/package.json`, "utf8"),
  );
  expect(manifests.join("")).not.toMatch(/kubernetes|oidc|passport|express-session/);
});
