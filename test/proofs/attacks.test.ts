import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { attackCorpus } from "../../packages/protocol/src/sigv4/attack-corpus.test.data.ts";
import { dangerousHeaders } from "../../packages/protocol/src/sigv4/attacks-on-requests.test.data.ts";
import {
  honestRequests,
  type Signer,
  type WireRequest,
} from "../../packages/protocol/src/sigv4/wire-request.test.data.ts";
import type { Answer } from "./answers.ts";
import { errorCodeOf } from "./error-document.ts";
import { startLocalGateway, type LocalGateway } from "./local-gateway.ts";
import { RawConnection } from "./raw-connection.ts";
import {
  presigned,
  signed,
  toBytes,
  withHeaders,
  type RawHeader,
  type RawRequest,
} from "./raw-request.ts";
import { region, rootCredential } from "./root-credential.ts";

let local: LocalGateway;
let port: number;
const tally = { attacks: 0, accepted: 0, byEngine: 0 };

beforeAll(async () => {
  local = await startLocalGateway();
  ({ port } = local);
});

afterAll(async () => {
  console.log(
    `${tally.accepted} of ${tally.attacks} attacks accepted; ` +
      `${tally.byEngine} of the refused ones had called the engine`,
  );
  await local.close();
});

/**
 * The answer to these bytes. A body that is shorter than it says ends with the connection; what is
 * longer is no request, and may be refused as one.
 */
async function send(request: RawRequest): Promise<Answer | undefined> {
  const connection = await RawConnection.open(port, [request.method]);
  connection.write(toBytes(request));
  if (request.body.length < declaredLength(request)) connection.socket.end();
  await connection.until(() =>
    connection.closed || connection.answers.answers.length > 0 ? true : undefined,
  );
  const { answers } = await connection.finish();
  const [answer, ...others] = answers;
  expect(others.map(({ status }) => status)).toEqual(
    request.body.length > declaredLength(request) ? expect.toBeOneOf([[], [400]]) : [],
  );
  return answer;
}

function declaredLength({ headers }: RawRequest): number {
  return Number(headers.find(([name]) => name.toLowerCase() === "content-length")?.[1] ?? 0);
}

/** What lies behind the declared length is no part of the request: HTTP drops it, or refuses it. */
function framedBody(request: RawRequest): Buffer {
  return request.body.subarray(0, declaredLength(request));
}

function fromWire({ method, target, rawHeaders, body }: WireRequest): RawRequest {
  const headers: RawHeader[] = [];
  for (let index = 0; index < rawHeaders.length; index += 2) {
    headers.push([rawHeaders[index] ?? "", rawHeaders[index + 1] ?? ""]);
  }
  return { method, target, headers, body };
}

const signer = (): Signer => ({
  ...rootCredential,
  region,
  now: Date.now(),
  host: `127.0.0.1:${port}`,
  bucketPath: "/proofs",
});

/** Every refusal that says that the signature does not cover the request, or that nobody signed it. */
interface Outcome {
  readonly status: number;
  readonly calls: number;
  readonly objects: readonly string[];
}

async function attack(request: RawRequest): Promise<Outcome> {
  const before = local.engineCalls();
  const answer = await send(request);
  const calls = local.engineCalls() - before;
  const status = answer?.status ?? 0;
  tally.attacks++;
  if (status !== 0 && status < 400) tally.accepted++;
  if (calls > 0) tally.byEngine++;
  if (answer !== undefined && answer.body.length > 0) errorCodeOf(answer);
  return { status, calls, objects: await visible("proofs") };
}

async function visible(bucket: string): Promise<string[]> {
  const page = await local.engine.listObjects({
    bucket,
    prefix: "",
    delimiter: "",
    after: "",
    limit: 1000,
  });
  return page.entries.map((entry) => (entry.type === "object" ? entry.object.key : entry.prefix));
}

test.each(Object.entries(honestRequests))(
  "%s, unmeddled with, does reach the engine",
  async (name, make) => {
    const before = local.engineCalls();
    const answer = await send(fromWire(make(signer())));
    // The trailers of the corpus name a checksum that is not the payload's: refused, but after storing.
    const isTrailer = name.endsWith("Trailer");
    expect(answer?.status).toSatisfy(
      (status: number) => status < 400 || status === 404 || isTrailer,
    );
    expect(local.engineCalls()).toBeGreaterThan(before);
  },
);

describe("the corpus of signature attacks", () => {
  beforeAll(async () => {
    await local.engine.deleteObjects(
      "proofs",
      (await visible("proofs")).map((key) => ({ key })),
    );
  });

  test("has not lost any of its kinds", () => {
    expect(Object.keys(attackCorpus).length).toBeGreaterThanOrEqual(480);
  });

  // A body can only be judged while it is read, when the engine has been asked for room already.
  const onBodies =
    /^(?:payload: (?:another|a shorter|no) body|presigned: a wrong hash|(?:un)?signed (?:chunks|trailer))/;

  test.each(Object.entries(attackCorpus))("%s", async (name, { on, make }) => {
    const by = signer();
    const honest = fromWire(honestRequests[on](by));
    const request = fromWire(make(honestRequests[on](by), by));
    const isHonest =
      request.body.length > honest.body.length && framedBody(request).equals(honest.body);
    if (isHonest) {
      // Nothing within the request was changed, so it is no attack on it: see the framing corpus.
      expect(name).toMatch(/after the end|twice/);
      return;
    }
    const { status, calls, objects } = await attack(request);
    expect(status === 0 || (status >= 400 && status < 500) || status === 501).toBe(true);
    if (!onBodies.test(name)) expect(calls).toBe(0);
    expect(objects).toEqual([]);
  });
});

const operations = [
  ["GET", "/proofs?list-type=2"],
  ["GET", "/proofs/key"],
  ["PUT", "/proofs/key"],
  ["DELETE", "/proofs/key"],
  ["POST", "/proofs/key?uploads"],
  ["PUT", "/proofs"],
] as const;
const signing = { header: signed, presigned } as const;

describe.each(Object.entries(signing))("unsigned headers on requests signed by %s", (_, sign) => {
  test.each(operations)("%s %s takes none of the 24", async (method, target) => {
    for (const [name, value] of dangerousHeaders) {
      const { status, calls } = await attack(
        withHeaders(sign({ port, method, target }), [name, value]),
      );
      expect([name, status >= 400 && status < 500, calls]).toEqual([name, true, 0]);
    }
  });
});

/** Spellings that some server has taken for a way out of the bucket. Each is a key like any other. */
const spellings = [
  "../other/key",
  "../../other/key",
  "a/../../other/key",
  "./key",
  "a/./key",
  "a/../key",
  "..",
  ".",
  "a/..",
  "/key",
  "//key",
  "a//key",
  "a/",
  "/",
  "//",
  "/../other/key",
  "..\\other\\key",
  "a\\..\\key",
  "%2e%2e/other/key",
  "%2e%2e%2fother%2fkey",
  "..%2fother",
  "%252e%252e/x",
  "..%5cother",
  "a;b/../c",
  "..;/other",
  "%00",
  "a%00b",
  "a\0b",
  "a\nb",
  "a\rb",
  "a\tb",
  " key ",
  "a+b",
  "a b",
  "a%b",
  "a%20b",
  "a?b",
  "a#b",
  "?versionId=x",
  "a?versionId=a?b",
  "%3FversionId%3D1",
  "a&b=c",
  "~root",
  "C:\\key",
  "\\\\host\\share",
  "con",
  "aux.txt",
  ".holdfast",
  "blobs/../log",
  "index",
  "\u{1f600}/../x",
  "e\u0301",
  "\u00e9",
  "\u202egpj.exe",
  "\uffff",
  "__proto__",
  "constructor",
  "proofs",
  "x".repeat(1024),
] as const;

const encodeKey = (key: string): string =>
  key
    .split("/")
    .map((part) =>
      encodeURIComponent(part)
        .replaceAll("!", "%21")
        .replaceAll("'", "%27")
        .replaceAll("(", "%28")
        .replaceAll(")", "%29")
        .replaceAll("*", "%2A"),
    )
    .join("/");
const escapeXml = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]|[&<>]/gu, (character) => `&#${character.codePointAt(0) ?? 0};`);

describe("what was signed is the key, whatever it looks like", () => {
  test("the spellings are at least forty", () => {
    expect(new Set(spellings).size).toBeGreaterThanOrEqual(40);
  });

  test.each(spellings.map((key) => [JSON.stringify(key).slice(0, 40), key]))(
    "%s",
    async (_, key) => {
      const clear = async (): Promise<void> => {
        await local.engine.deleteObjects(
          "proofs",
          (await visible("proofs")).map((one) => ({ key: one })),
        );
      };
      await clear();
      const target = `/proofs/${encodeKey(key)}`;
      const stored = async (): Promise<[string[], string[]]> => [
        await visible("proofs"),
        await visible("other"),
      ];
      const put = await send(signed({ port, method: "PUT", target, body: "mine" }));
      expect([put?.status, await stored()]).toEqual([200, [[key], []]]);
      const got = await send(signed({ port, method: "GET", target }));
      expect(got?.body.toString()).toBe("mine");
      const listed = `/proofs?list-type=2&prefix=${encodeURIComponent(key).replaceAll("'", "%27")}&encoding-type=url`;
      const list = await send(signed({ port, method: "GET", target: listed }));
      expect(list?.body.toString().match(/<Contents>/g)?.length).toBe(1);
      const source = { "x-amz-copy-source": `/proofs/${encodeKey(key)}` };
      const copy = await send(
        signed({ port, method: "PUT", target: "/proofs/copied", headers: source }),
      );
      expect([copy?.status, (await stored())[0].toSorted()]).toEqual([
        200,
        ["copied", key].toSorted(),
      ]);
      if (!/[\0\u{ffff}]/u.test(key)) {
        const body = `<Delete><Object><Key>${escapeXml(key)}</Key></Object><Quiet>true</Quiet></Delete>`;
        const { createHash } = await import("node:crypto");
        const md5 = createHash("md5").update(body).digest("base64");
        const headers = { "content-md5": md5 };
        const gone = await send(
          signed({ port, method: "POST", target: "/proofs?delete", body, headers }),
        );
        expect([gone?.status, await stored()]).toEqual([200, [["copied"], []]]);
      }
      await clear();
    },
  );

  test.each([
    "..",
    ".",
    "%2e%2e",
    "a%2F..%2Fb",
    "",
    "%00ab",
    "PROOFS",
    "127.0.0.1",
    "xn--abc",
    "ab",
    "x".repeat(64),
    "proofs%2F..",
    "abc-s3alias",
  ])("no bucket is named %s", async (bucket) => {
    for (const [method, rest] of [
      ["PUT", ""],
      ["GET", "?list-type=2"],
      ["PUT", "/key"],
    ] as const) {
      const { status, calls } = await attack(
        signed({ port, method, target: `/${bucket}${rest}`, now: Date.now() }),
      );
      expect([status >= 400 && status < 500, calls]).toEqual([true, 0]);
    }
  });
});
