import { createHash } from "node:crypto";
import { connect } from "node:net";
import { signRequest, type SigningCredentials } from "@holdfast/protocol";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import type { Fault } from "./faults/fault.ts";
import { FaultError } from "./faults/fault-error.ts";
import { startLab, type Lab } from "./start-lab.ts";

let lab: Lab;

beforeEach(async () => {
  lab = await startLab({ buckets: ["data"] });
});

afterEach(() => lab.close());

/** One signed request, by Node's own `fetch`. */
async function send(
  method: string,
  target: string,
  { body, as }: { readonly body?: string; readonly as?: SigningCredentials } = {},
): Promise<Response> {
  const { region } = lab;
  const credentials = as ?? lab.credentials;
  const headers = signRequest(
    { method, target, headers: { host: new URL(lab.endpoint).host } },
    {
      credentials,
      region,
      now: Date.now(),
      payload: createHash("sha256")
        .update(body ?? "")
        .digest("hex"),
    },
  );
  return fetch(`${lab.endpoint}${target}`, { method, headers, body: body ?? null });
}

const put = async (key: string, body: string): Promise<void> => {
  expect((await send("PUT", `/data/${key}`, { body })).status).toBe(200);
};

const get = (key: string): Promise<Response> => send("GET", `/data/${key}`);

test("without a fault it is an S3 endpoint with authentication on", async () => {
  await put("a.csv", "1,2");
  expect(await (await get("a.csv")).text()).toBe("1,2");
  expect((await fetch(`${lab.endpoint}/data/a.csv`)).status).toBe(403);
  expect(lab.requests.map(({ operation, status }) => [operation, status])).toEqual([
    ["PutObject", 200],
    ["GetObject", 200],
    ["GetObject", 403],
  ]);
});

test("other credentials are refused for what they are", async () => {
  const secretAccessKey = "a secret that is none";
  const forbidden = { accessKeyId: "AKIAFORBIDDEN", secretAccessKey, may: "nothing" } as const;
  const sessionToken = "a-token";
  const session = {
    accessKeyId: "ASIASESSION",
    secretAccessKey,
    sessionToken,
    may: "all",
  } as const;
  const expired = { ...session, accessKeyId: "ASIAEXPIRED", expiresAt: 1 };
  const others = [forbidden, session, expired];
  await lab.close();
  lab = await startLab({ buckets: ["data"], others, statusProfile: "aws" });
  await put("k", "v");
  for (const as of [...others, { ...forbidden, secretAccessKey: "another" }]) {
    await (await send("GET", "/data/k", { as })).text();
  }
  expect(lab.requests.slice(1).map(({ status, code }) => [status, code])).toEqual([
    [403, "AccessDenied"],
    [200, undefined],
    [400, "ExpiredToken"],
    [403, "SignatureDoesNotMatch"],
  ]);
});

test("a fault befalls the requests that it names, so often as it says", async () => {
  await put("a.csv", "1,2");
  await put("b.csv", "3");
  const slow = { error: "SlowDown", retryAfter: 1 };
  const fault = lab.fault({ operation: "GetObject", key: "a.csv", times: 2, then: slow });
  expect((await get("b.csv")).status).toBe(200);
  for (const attempt of [1, 2]) {
    const answer = await get("a.csv");
    expect([answer.status, answer.headers.get("retry-after")]).toEqual([429, "1"]);
    expect(await answer.text()).toContain("<Code>SlowDown</Code>");
    expect(fault.fired).toBe(attempt);
  }
  expect((await get("a.csv")).status).toBe(200);
  expect(lab.requests.filter(({ key }) => key === "a.csv").map(({ attempt }) => attempt)).toEqual([
    1, 1, 2, 3,
  ]);
});

test("a connection is reset after so many bytes of an upload, and nothing of it is stored", async () => {
  lab.fault({ operation: "PutObject", after: "64KiB", reset: true });
  await expect(send("PUT", "/data/k", { body: "x".repeat(256 * 1024) })).rejects.toThrow(TypeError);
  expect((await get("k")).status).toBe(404);
  const [upload] = lab.requests;
  expect([upload?.status, upload?.serverStatus, upload?.fault]).toEqual([undefined, undefined, 1]);
});

test("a download breaks off after so many bytes", async () => {
  await put("k", "x".repeat(100_000));
  lab.fault({ operation: "GetObject", after: 50_000, close: true });
  const answer = await get("k");
  expect(answer.status).toBe(200);
  await expect(answer.text()).rejects.toThrow("terminated");
});

test("a write whose answer is lost was done, and stands among what was never acknowledged", async () => {
  lab.fault({ operation: "PutObject", after: "commit", reset: true });
  await expect(send("PUT", "/data/k", { body: "kept" })).rejects.toThrow(TypeError);
  expect(await (await get("k")).text()).toBe("kept");
  const { unacknowledged } = await lab.leftovers();
  expect(unacknowledged.map(({ key }) => key)).toEqual(["k"]);
});

test("an upload that nobody ends is left over, with what its parts hold", async () => {
  const begun = await send("POST", "/data/k?uploads");
  const [, uploadId = ""] = /<UploadId>(.*)<\/UploadId>/.exec(await begun.text()) ?? [];
  await send("PUT", `/data/k?partNumber=1&uploadId=${uploadId}`, { body: "part" });
  const { uploads } = await lab.leftovers();
  expect(uploads).toEqual([{ bucket: "data", key: "k", uploadId, parts: 1, bytes: 4 }]);
});

const answers: readonly (readonly [
  string,
  Fault,
  (answer: Response) => Promise<unknown>,
  unknown,
])[] = [
  [
    "success that holds an error",
    { then: { error: "InternalError", status: 200, suffix: "\n" } },
    async (answer) => [answer.status, (await answer.text()).endsWith("</Error>\n")],
    [200, true],
  ],
  [
    "a page of a proxy",
    { then: { document: "html", status: 503 } },
    async (answer) => [answer.status, answer.headers.get("content-type")],
    [503, "text/html"],
  ],
  ["nothing at all", { then: { document: "empty", status: 503 } }, (answer) => answer.text(), ""],
  [
    "an error of 20 MB",
    { then: { error: "InternalError", size: "20MiB" } },
    async (answer) => (await answer.arrayBuffer()).byteLength,
    20 * 1024 * 1024,
  ],
  ["a body of which a bit is wrong", { corrupt: 2 }, (answer) => answer.text(), "0133"],
  [
    "a checksum that is not its body's",
    { checksum: "wrong" },
    async (answer) => answer.status,
    200,
  ],
  [
    "an answer that comes late",
    { latency: { ms: 20, jitter: 10 } },
    (answer) => answer.text(),
    "0123",
  ],
  ["a head that comes byte by byte", { drip: 1 }, (answer) => answer.text(), "0123"],
  ["a narrow wire", { bandwidth: 100 }, (answer) => answer.text(), "0123"],
  [
    "another region",
    { then: { region: "eu-west-1" } },
    async (answer) => [answer.status, answer.headers.get("x-amz-bucket-region")],
    [301, "eu-west-1"],
  ],
];

test.each(answers)("%s can be had", async (...[, fault, look, seen]) => {
  await put("k", "0123");
  const handle = lab.fault({ operation: "GetObject", ...fault });
  const answer = await get("k");
  expect(await look(answer)).toEqual(seen);
  expect(handle.fired).toBe(1);
});

test("a stalled answer holds its connection until the lab closes", async () => {
  lab.fault({ operation: "GetObject", stall: true });
  const waiting = get("k");
  waiting.catch(() => {});
  await expect.poll(() => lab.requests.length).toBe(1);
  await lab.close();
  await expect(waiting).rejects.toThrow(TypeError);
});

test("of many deletions some are refused, and the others are done", async () => {
  for (const key of ["a", "b", "c"]) await put(key, key);
  lab.fault({ operation: "DeleteObjects", then: { keys: { b: "AccessDenied" } } });
  const body = "<Delete><Object><Key>a</Key></Object><Object><Key>b</Key></Object></Delete>";
  const answer = await send("POST", "/data?delete", { body });
  expect(await answer.text()).toMatch(/<Deleted><Key>a<.*<Error><Key>b<\/Key><Code>AccessDenied</s);
  expect([(await get("a")).status, (await get("b")).status]).toEqual([404, 200]);
});

test("a stale listing says what it said before", async () => {
  const list = async (): Promise<number> =>
    [...(await (await send("GET", "/data?list-type=2")).text()).matchAll(/<Key>/g)].length;
  await put("a", "1");
  expect(await list()).toBe(1);
  await put("b", "2");
  lab.fault({ operation: "ListObjectsV2", stale: true });
  expect([await list(), await list()]).toEqual([1, 2]);
});

test("a clock that is off makes signatures too old, and comes right again", async () => {
  lab.skew(3_600_000);
  expect(await (await get("k")).text()).toContain("<Code>RequestTimeTooSkewed</Code>");
  lab.skew(0);
  expect((await get("k")).status).toBe(404);
});

test("a request that is delivered twice reaches the server twice", async () => {
  lab.fault({ operation: "PutObject", duplicate: true });
  await put("k", "twice");
  expect(await (await get("k")).text()).toBe("twice");
});

describe("chance", () => {
  test("falls alike for the same seed, whatever else was asked", async () => {
    const draws = async (seed: number): Promise<readonly number[]> => {
      await using other = await startLab({ seed, buckets: ["data"] });
      other.fault({ probability: 0.5, then: { error: "SlowDown" } });
      const statuses: number[] = [];
      for (let index = 0; index < 32; index += 1) {
        statuses.push((await fetch(`${other.endpoint}/data/${index}`)).status);
      }
      return statuses;
    };
    const first = await draws(7);
    expect(await draws(7)).toEqual(first);
    expect(new Set(first)).toEqual(new Set([403, 429]));
    expect(await draws(8)).not.toEqual(first);
  });
});

test.each<[string, unknown, RegExp]>([
  ["a word that nobody knows", { resett: true }, /^This is no fault: resett is no word .* reset;/],
  ["an answer's wrong word", { then: { eror: "x" } }, /then.eror is no word .*did you mean error/],
  [
    "a wrong number",
    { probability: 2, reset: true },
    /probability is malformed: it must be a share/,
  ],
  [
    "a wrong jitter",
    { latency: { ms: 1, jiter: 2 } },
    /latency is malformed: it must be milliseconds/,
  ],
  ["an operation that is none", { operation: "GetThing", reset: true }, /operation/],
  ["no effect", { operation: "GetObject" }, /does nothing/],
  ["two endings", { reset: true, close: true }, /only one/],
  ["a time and no deed", { after: 10, latency: 1 }, /when and not what/],
  ["bytes without a number", { after: "many", reset: true }, /after/],
])("a fault with %s is refused by name", (_name, fault, says) => {
  const set = (): unknown => lab.fault(JSON.parse(JSON.stringify(fault)));
  expect(set).toThrow(FaultError);
  expect(set).toThrow(says);
});

test("a bucket's name that cannot be is refused, and nothing is left running", async () => {
  await expect(startLab({ buckets: ["b"] })).rejects.toMatchObject({ code: "InvalidBucketName" });
});

test("a fault that befell nothing is known", async () => {
  lab.fault({ operation: "PutObject", after: "1GiB", reset: true });
  await put("k", "small");
  expect(lab.unfired).toEqual([1]);
});

test("no secret stands in what arrived", async () => {
  await get("k");
  const target = "/data/k?X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Signature=abc&x-id=1";
  await fetch(`${lab.endpoint}${target}`, { headers: { "x-amz-security-token": "token" } });
  const text = JSON.stringify(lab.requests);
  expect(text).not.toMatch(/Signature=[0-9a-f]|"token"|authorization/);
});

describe("over HTTP, for programs that are not in this process", () => {
  const ask = (path: string, init?: RequestInit): Promise<Response> =>
    fetch(`${lab.endpoint}/-/lab/${path}`, init);
  const post = (path: string, value: unknown): Promise<Response> =>
    ask(path, { method: "POST", body: JSON.stringify(value) });

  test("faults are set, shown and removed", async () => {
    const slow = { operation: "GetObject", then: { error: "SlowDown" } };
    const set = await post("faults", [slow, { reset: true, operation: "PutObject" }]);
    expect([set.status, await set.json()]).toEqual([201, { ids: [1, 2] }]);
    expect((await get("k")).status).toBe(429);
    expect(await (await ask("faults")).json()).toMatchObject([
      { id: 1, fired: 1 },
      { id: 2, fired: 0 },
    ]);
    expect((await ask("faults/2", { method: "DELETE" })).status).toBe(204);
    expect((await ask("faults/2", { method: "DELETE" })).status).toBe(404);
    await put("k", "1");
  });

  test("what arrived and what was left is shown, and forgotten when asked", async () => {
    await get("k");
    expect(await (await ask("requests")).json()).toMatchObject([
      { operation: "GetObject", key: "k" },
    ]);
    expect(await (await ask("leftovers")).json()).toEqual({ uploads: [], unacknowledged: [] });
    expect((await ask("reset", { method: "POST" })).status).toBe(204);
    expect(await (await ask("requests")).json()).toEqual([]);
  });

  test("the clock is set off", async () => {
    expect((await post("skew", { ms: 3_600_000 })).status).toBe(204);
    expect(await (await get("k")).text()).toContain("RequestTimeTooSkewed");
  });

  test.each([
    ["no fault", "faults", { resett: true }, 400],
    ["no time", "skew", { ms: "soon" }, 400],
    ["no page", "nothing", {}, 404],
  ])("%s is refused in a sentence", async (...[, path, value, status]) => {
    const answer = await post(path, value);
    expect([answer.status, await answer.json()]).toEqual([status, { error: expect.any(String) }]);
  });

  test("a request brings its own fault along", async () => {
    const headers = { "x-holdfast-fault": JSON.stringify({ then: { error: "SlowDown" } }) };
    expect((await fetch(`${lab.endpoint}/data/k`, { headers })).status).toBe(429);
    expect((await fetch(`${lab.endpoint}/data/k`)).status).toBe(403);
    const wrong = { "x-holdfast-fault": "{" };
    expect((await fetch(`${lab.endpoint}/data/k`, { headers: wrong })).status).toBe(400);
  });
});

test("an upload that the server refuses early is answered, whatever is left of its body", async () => {
  const body = "x".repeat(16 * 1024 * 1024);
  const answer = await send("PUT", "/nowhere/k", { body });
  expect([answer.status, await answer.text()]).toEqual([
    404,
    expect.stringContaining("NoSuchBucket"),
  ]);
});

test("a peer that vanishes midway leaves no connection behind", async () => {
  const { hostname, port } = new URL(lab.endpoint);
  const socket = connect(Number(port), hostname);
  socket.write("PUT /data/k HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\nhalf");
  await expect.poll(() => lab.requests.length).toBe(1);
  socket.destroy();
  await lab.close();
});
