import { setTimeout as delay } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Answer } from "./answers.ts";
import { errorCodeOf } from "./error-document.ts";
import { startLocalGateway, type LocalGateway } from "./local-gateway.ts";
import { RawConnection } from "./raw-connection.ts";
import { headOf, signed, toBytes, withHeaders, type RawHeader } from "./raw-request.ts";

let local: LocalGateway;
let port: number;

beforeAll(async () => {
  local = await startLocalGateway({
    idleTimeoutMs: 500,
    headersTimeoutMs: 500,
    keepAliveTimeoutMs: 500,
  });
  ({ port } = local);
  const body = Buffer.alloc(20, "held");
  await ask(toBytes(signed({ port, method: "PUT", target: "/proofs/held", body })), "PUT");
});

afterAll(async () => {
  await local.close();
});

async function ask(bytes: Buffer, method = "GET"): Promise<Answer> {
  const connection = await RawConnection.open(port, [method]);
  connection.write(bytes);
  const answer = await connection.answer();
  const { answers, rest } = await connection.finish();
  expect([answers.length, rest.length]).toEqual([1, 0]);
  return answer;
}

describe("time", () => {
  test("an upload that falls silent is answered with RequestTimeout and ended", async () => {
    const body = Buffer.alloc(1000);
    const request = signed({ port, method: "PUT", target: "/proofs/idle", body });
    const connection = await RawConnection.open(port);
    connection.write(Buffer.concat([headOf(request), body.subarray(0, 10)]));
    await connection.ended();
    const [answer] = connection.answers.answers;
    connection.destroy();
    expect(answer === undefined ? undefined : errorCodeOf(answer)).toBe("RequestTimeout");
    expect(answer?.headers.get("connection")).toEqual(["close"]);
    await expect(local.engine.headObject("proofs", "idle")).rejects.toMatchObject({
      code: "NoSuchKey",
    });
  });

  test("an upload that is slow for four idle times, but moves, is stored", async () => {
    const body = Buffer.alloc(20, "slow");
    const request = signed({ port, method: "PUT", target: "/proofs/slow", body });
    const connection = await RawConnection.open(port);
    connection.write(headOf(request));
    for (let index = 0; index < body.length; index++) {
      await delay(100);
      connection.write(body.subarray(index, index + 1));
    }
    expect((await connection.answer()).status).toBe(200);
    connection.destroy();
    expect((await local.engine.headObject("proofs", "slow")).size).toBe(20);
  });

  test("headers that drip for ever are answered with RequestTimeout", async () => {
    const connection = await RawConnection.open(port);
    connection.write("GET /proofs HTTP/1.1\r\nHost: x\r\n");
    for (let index = 0; index < 40 && !connection.closed; index++) {
      connection.write(`X-${index}: y\r\n`);
      await delay(100);
    }
    await connection.ended();
    const [answer] = connection.answers.answers;
    connection.destroy();
    expect(answer === undefined ? undefined : errorCodeOf(answer)).toBe("RequestTimeout");
  });

  test("a connection on which nothing is ever said is ended", async () => {
    const connection = await RawConnection.open(port);
    await connection.ended();
    connection.destroy();
  });
});

describe("Expect: 100-continue", () => {
  const expecting = (
    change: (authorization: string) => string = (text) => text,
    target = "/proofs/expected",
  ): Buffer => {
    const request = signed({ port, method: "PUT", target, body: "body" });
    const headers = request.headers.map(([name, value]): RawHeader => [
      name,
      name === "authorization" ? change(value) : value,
    ]);
    return headOf(withHeaders({ ...request, headers }, ["Expect", "100-continue"]));
  };

  test("is answered before the body comes, when the request is allowed", async () => {
    const connection = await RawConnection.open(port);
    connection.write(expecting());
    await connection.until(() => (connection.bytes.includes("100 Continue") ? true : undefined));
    connection.write("body");
    const answer = await connection.answer();
    expect([answer.status, answer.interim]).toEqual([200, [100]]);
    await connection.finish();
  });

  const refusals: Readonly<Record<string, [string, () => Buffer]>> = {
    "with a wrong signature": [
      "SignatureDoesNotMatch",
      () => expecting((text) => text.replace(/[0-9a-f]{4}$/, "0000")),
    ],
    "with an unknown key": [
      "InvalidAccessKeyId",
      () => expecting((text) => text.replace("AKIAPROOF", "AKIAOTHER")),
    ],
    "for a bucket that is not there": ["NoSuchBucket", () => expecting(undefined, "/missing/key")],
  };

  test.each(Object.entries(refusals))(
    "is refused %s, never answered, and the connection ends",
    async (_, [code, make]) => {
      const connection = await RawConnection.open(port);
      connection.write(make());
      await connection.ended();
      const { answers } = connection.answers;
      connection.destroy();
      expect(answers.map(errorCodeOf)).toEqual([code]);
      expect(answers[0]?.interim).toEqual([]);
      expect(answers[0]?.headers.get("connection")).toEqual(["close"]);
    },
  );

  test.each(["100-continue, x", "x", "200-ok"])("%s: refused", async (value) => {
    const request = signed({ port, method: "PUT", target: "/proofs/expected", body: "body" });
    const answer = await ask(toBytes(withHeaders(request, ["Expect", value])));
    expect(errorCodeOf(answer)).toBe("InvalidRequest");
    expect(answer.interim).toEqual([]);
  });
});

describe("headers", () => {
  const count = (total: number): Buffer => {
    const request = signed({ port, method: "GET", target: "/proofs?list-type=2" });
    const more = total - request.headers.length;
    return toBytes(
      withHeaders(request, ...Array.from({ length: more }, (): RawHeader => ["a", ""])),
    );
  };

  test("128 are taken, 129 are not", async () => {
    expect((await ask(count(128))).status).toBe(200);
    expect(errorCodeOf(await ask(count(129)))).toBe("RequestHeaderSectionTooLarge");
  });

  test.each(["constructor", "toString", "hasOwnProperty", "x-amz-meta-toString"])(
    "one named %s does no harm",
    async (name) => {
      const request = signed({
        port,
        method: "GET",
        target: "/proofs?list-type=2",
        headers: { [name]: "x" },
      });
      expect((await ask(toBytes(request))).status).toBe(200);
    },
  );

  const values: Readonly<Record<string, string>> = {
    "a tab inside": "a\tb",
    "Latin-1": "caf\u00e9",
    "UTF-8": Buffer.from("caf\u00e9 \u{1f600}").toString("latin1"),
    "an encoded word": "=?UTF-8?B?w6k=?=",
    "quotes and backslashes": String.raw`"a\"b"`,
    "an encoded line break": "a%0d%0ab: c",
    nothing: "",
    "all of Latin-1's upper half": Buffer.from(
      Array.from({ length: 96 }, (_, index) => 160 + index),
    ).toString("latin1"),
  };

  test.each(Object.entries(values))(
    "metadata with %s comes back byte for byte, or is refused",
    async (name, value) => {
      const target = `/proofs/meta-${Buffer.from(name).toString("hex")}`;
      const headers = { "x-amz-meta-value": value, "x-amz-meta-__proto__": "own" };
      const put = await ask(toBytes(signed({ port, method: "PUT", target, body: "x", headers })));
      if (put.status !== 200) {
        expect([put.status, errorCodeOf(put)]).toEqual([400, expect.any(String)]);
        return;
      }
      const got = await ask(toBytes(signed({ port, method: "GET", target })));
      expect(got.headers.get("x-amz-meta-value")).toEqual([value]);
      expect(got.headers.get("x-amz-meta-__proto__")).toEqual(["own"]);
    },
  );

  test.each(["%0d%0aX-Evil: 1", "%0aX-Evil: 1", "%0d", "%00", "%7f", "%f0%9f%98%80", "%e2%82%ac"])(
    "an override with %s is refused, and nothing is split",
    async (value) => {
      for (const name of ["content-type", "content-disposition", "cache-control", "expires"]) {
        const target = `/proofs/held?response-${name}=a${value.replaceAll(" ", "%20")}`;
        const answer = await ask(toBytes(signed({ port, method: "GET", target })));
        expect(answer.headers.has("x-evil")).toBe(false);
        expect([answer.status, errorCodeOf(answer)]).toEqual([400, "InvalidArgument"]);
      }
    },
  );
});

describe("bodies", () => {
  test.each(["/proofs/held", "/proofs/missing", "/missing", "/proofs", "/proofs/held?acl", "//"])(
    "HEAD of %s has none, and the next answer starts where it should",
    async (target) => {
      const connection = await RawConnection.open(port, ["HEAD", "GET"]);
      connection.write(toBytes(signed({ port, method: "HEAD", target })));
      await connection.answer(0);
      connection.write(toBytes(signed({ port, method: "GET", target: "/proofs/held" })));
      expect((await connection.answer(1)).body.toString()).toBe("held".repeat(5));
      await connection.finish();
    },
  );

  test.each([1000, 500_000, 4_000_000])(
    "one of %i bytes that is refused is not read for long: the answer says close, and comes",
    async (size) => {
      const request = signed({
        port,
        method: "PUT",
        target: "/proofs/unread",
        body: Buffer.alloc(size),
      });
      const headers = request.headers.map(([name, value]): RawHeader => [
        name,
        name === "authorization" ? `${value}0` : value,
      ]);
      const connection = await RawConnection.open(port);
      connection.write(toBytes({ ...request, headers }));
      const answer = await connection.answer();
      expect(answer.status).toBeGreaterThanOrEqual(400);
      expect(answer.headers.get("connection")).toEqual(["close"]);
      await connection.ended();
      connection.destroy();
      expect(connection.answers.answers.length).toBe(1);
      const [record] = local.records.slice(-1);
      expect(record?.bytesIn ?? 0).toBeLessThan(2 * 1024 * 1024);
    },
  );
});
