import { once } from "node:events";
import { connect, type Socket } from "node:net";
import { setTimeout } from "node:timers/promises";
import { signRequest } from "@holdfast/protocol";
import { afterEach, describe, expect, test, vi } from "vitest";
import type { CredentialLimits } from "../access/credential.ts";
import { rootControl } from "../access/root-control.ts";
import type { GatewayOptions, RequestRecord, StatusProfile } from "../options.ts";
import { credentials, refusalOf, region, startSubject, type Answer, type Ask, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

interface Limited {
  readonly profile?: StatusProfile;
  readonly own?: CredentialLimits;
  readonly options?: Partial<GatewayOptions>;
}

let subject: Subject;
let records: RequestRecord[];

async function start({ profile = "documented", own = {}, options }: Limited): Promise<void> {
  records = [];
  const control = rootControl(credentials);
  const found = control.credential(credentials.accessKeyId);
  if (found === undefined) throw new TypeError("no root");
  const limited = { ...found, limits: own };
  subject = await startSubject(profile, {
    control: {
      ...control,
      credential: (id) => (id === credentials.accessKeyId ? limited : undefined),
    },
    log: (record) => records.push(record),
    ...options,
  });
  await subject.engine.createBucket("bucket");
}

afterEach(() => subject.close());

const look: Ask = { method: "GET", target: "/bucket?list-type=2" };
const wrong: Ask = { ...look, unsigned: { "x-amz-date": "20200101T000000Z" } };

async function ask(times: number, one: Ask = look): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (let time = 0; time < times; time += 1) answers.push(await subject.send(one));
  return answers;
}

const from = (address: string, one: Ask = look): Ask => ({
  ...one,
  unsigned: { ...one.unsigned, "x-forwarded-for": address },
});

describe.each(["documented", "aws"] as const)("in the %s profile", (profile) => {
  const status = profile === "documented" ? 429 : 503;

  test.each<[string, Limited]>([
    ["rate_limited_credential", { own: { requestsPerSecond: 0.001 } }],
    ["rate_limited_global", { options: { requestLimits: { requestsPerSecond: 0.001 } } }],
    ["rate_limited_address", { options: { requestLimits: { addressRequestsPerSecond: 0.001 } } }],
  ])(
    "a request over a limit is SlowDown and told when to come again: %s",
    async (reason, given) => {
      await start({ ...given, profile });
      const [first, second] = await ask(2);
      expect(first?.status).toBe(200);
      if (second === undefined) throw new TypeError("no answer");
      expect(refusalOf(second)).toMatchObject({ status, Code: "SlowDown", BucketName: "bucket" });
      expect(Number(second.headers["retry-after"])).toBeGreaterThan(900);
      expect(Number(second.headers["retry-after"])).toBeLessThanOrEqual(1000);
      expect(records.at(-1)).toMatchObject({
        code: "SlowDown",
        reason,
        status,
        address: "127.0.0.1",
      });
    },
  );

  test("an address that failed too often waits, also with the right secret", async () => {
    await start({ profile, options: { requestLimits: { addressFailuresPerSecond: 0.001 } } });
    const [first, second] = await ask(2, wrong);
    const [right] = await ask(1);
    expect(first?.status).not.toBe(status);
    for (const answer of [second, right]) {
      expect(answer?.status).toBe(status);
      expect(answer?.headers["retry-after"]).toMatch(/^[1-9]\d*$/);
    }
    expect(records.slice(1).map(({ reason }) => reason)).toEqual(
      Array.from({ length: 2 }, () => "rate_limited_failures"),
    );
  });
});

test("a request that succeeds is never held against its address", async () => {
  await start({ options: { requestLimits: { addressFailuresPerSecond: 0.001 } } });
  const answers = await ask(20);
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200]));
});

test("an address that a client makes up does not help it", async () => {
  await start({ options: { requestLimits: { addressRequestsPerSecond: 0.001 } } });
  const answers: Answer[] = [];
  for (let host = 0; host < 30; host += 1) answers.push(...(await ask(1, from(`192.0.2.${host}`))));
  expect(answers.filter(({ status }) => status === 200)).toHaveLength(1);
  expect(new Set(records.map(({ address }) => address))).toEqual(new Set(["127.0.0.1"]));
});

test("behind a trusted proxy each client has a limit of its own, and made-up hops do not help", async () => {
  const requestLimits = { addressRequestsPerSecond: 0.001 };
  await start({ options: { requestLimits, trustedProxies: ["127.0.0.0/8"] } });
  const answers: Answer[] = [];
  for (let host = 0; host < 9; host += 1) {
    answers.push(...(await ask(1, from(`198.51.100.${host}, 203.0.113.1`))));
  }
  answers.push(...(await ask(1, from("203.0.113.2"))));
  expect(answers.map(({ status }) => status)).toEqual([200, ...Array.from({ length: 8 }, () => 429), 200]); // prettier-ignore
  expect(records.at(-1)?.address).toBe("203.0.113.2");
});

describe("of requests under way at once", () => {
  /** A GET of more than the system's buffers hold, of which nothing is read. */
  function unread(): Socket {
    const { port } = subject.gateway;
    const target = "/bucket/large";
    const headers = signRequest(
      { method: "GET", target, headers: { host: `127.0.0.1:${port}` } },
      { credentials, region, now: Date.now(), payload: "UNSIGNED-PAYLOAD" },
    );
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    const socket = connect(port, "127.0.0.1");
    socket.write(`GET ${target} HTTP/1.1\r\n${lines.join("")}\r\n`);
    return socket;
  }

  test("one more is SlowDown, until one has ended or its client has left", async () => {
    await start({ own: { concurrency: 2 } });
    await subject.send({ method: "PUT", target: "/bucket/large", body: Buffer.alloc(2 ** 25) });
    const sockets = [unread(), unread()];
    // Both are being answered; a look before that would take a place from them.
    await Promise.all(sockets.map((socket) => once(socket, "readable")));
    const refused = await subject.send(look);
    expect(refusalOf(refused)).toMatchObject({ status: 429, Code: "SlowDown" });
    expect(refused.headers["retry-after"]).toBe("1");
    expect(records.at(-1)?.reason).toBe("concurrency");
    for (const socket of sockets) socket.destroy();
    let again = await subject.send(look);
    for (let wait = 0; again.status !== 200 && wait < 400; wait += 1) {
      await setTimeout(50);
      again = await subject.send(look);
    }
    expect(again.status).toBe(200);
  });

  test("however requests end, their places are free again", async () => {
    await start({ own: { concurrency: 1 } });
    const ways: readonly Ask[] = [
      look,
      { method: "GET", target: "/bucket/none" },
      { method: "HEAD", target: "/bucket/none" },
      { method: "PUT", target: "/bucket/key", body: "x" },
      { method: "PUT", target: "/bucket/key", body: "x", payload: "0".repeat(64) },
      { method: "PUT", target: "/none/key", body: "x" },
      { method: "DELETE", target: "/bucket/key" },
      { method: "GET", target: "/bucket/key?acl" },
    ];
    const codes: (string | undefined)[] = [];
    for (const way of [...ways, ...ways, look]) {
      await subject.send(way);
      codes.push(records.at(-1)?.code);
    }
    expect(codes).not.toContain("SlowDown");
    expect(records.at(-1)?.status).toBe(200);
  });

  test("a place is free for whoever has the whole object, though its file is still being closed", async () => {
    await start({ own: { concurrency: 1 } });
    const { engine } = subject;
    await subject.send({ method: "PUT", target: "/bucket/large", body: Buffer.alloc(2 ** 20) });
    const open = engine.openObject.bind(engine);
    let letClose = (): void => {};
    const closing = new Promise<void>((resolve) => (letClose = resolve));
    vi.spyOn(engine, "openObject").mockImplementation(async (bucket, key) => {
      const opened = await open(bucket, key);
      const close = (): Promise<void> => closing.then(() => opened.close());
      return Object.assign(Object.create(opened), { close });
    });
    const unsigned = { connection: "close" };
    try {
      const whole = await subject.send({ method: "GET", target: "/bucket/large", unsigned });
      expect(whole.body).toHaveLength(2 ** 20);
      expect((await subject.send(look)).status).toBe(200);
    } finally {
      letClose();
    }
  });
});
