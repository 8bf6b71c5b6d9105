import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { childNamed, childText, childrenNamed } from "@holdfast/protocol";
import type { Credential } from "../access/credential.ts";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import { documentOf, fieldsOf, refusalOf, startSubject, type Subject } from "../s3-subject.test.support.ts"; // prettier-ignore

const root = testCredential("root", { grants: "all" });
const control = new MemoryControl(root);
const day = Date.UTC(2026, 0, 1);
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject("documented", { control });
  for (const name of ["alpha", "bravo", "delta", "hidden"]) await subject.engine.createBucket(name);
});
afterAll(() => subject.close());
beforeEach(() => {
  for (const { bucket } of control.attachments()) control.attach(bucket, undefined);
  for (const bucket of ["aaa", "charlie", "hidden", "zulu"]) {
    control.attach(bucket, {
      bucket,
      upstream: "ceph",
      remoteBucket: `x-${bucket}`,
      createdAt: day,
    });
  }
});

interface Page {
  readonly names: readonly string[];
  readonly dates: ReadonlyMap<string, string>;
  readonly token: string | undefined;
}

async function list(as: Credential, query = ""): Promise<Page> {
  control.add(as);
  const answer = await subject.send({ method: "GET", target: `/${query}`, as });
  const document = documentOf(answer);
  const buckets = childrenNamed(childNamed(document, "Buckets") ?? document, "Bucket");
  const fields = buckets.map((one) => fieldsOf(one));
  expect(fields.every(({ BucketRegion }) => BucketRegion === "us-east-1")).toBe(true);
  return {
    names: fields.map(({ Name = "" }) => Name),
    dates: new Map(fields.map(({ Name = "", CreationDate = "" }) => [Name, CreationDate])),
    token: childText(document, "ContinuationToken"),
  };
}

/** Page by page, following the tokens. */
async function listAll(as: Credential, size: number, prefix = ""): Promise<readonly string[]> {
  const names: string[] = [];
  let token: string | undefined;
  do {
    const more = token === undefined ? "" : `&continuation-token=${token}`;
    const page = await list(as, `?max-buckets=${size}&prefix=${prefix}${more}`);
    expect(page.names.length).toBeLessThanOrEqual(size);
    names.push(...page.names);
    token = page.token;
  } while (token !== undefined);
  return names;
}

const everything = ["aaa", "alpha", "bravo", "charlie", "delta", "hidden", "zulu"];
const some = testCredential("some", {
  grants: [
    grant("bravo", "in/", "write"),
    grant("aaa", "", "list"),
    grant("none-such", "", "read"),
    grant("zulu", "", "manage"),
    grant("bravo", "", "list"),
    grant("delta", ""),
  ],
});

test("the root sees the engine's buckets and the attached ones in one order, each once", async () => {
  expect((await list(root)).names).toEqual(everything);
});

test("others see the buckets that they have any grant on, and that exist", async () => {
  expect((await list(some)).names).toEqual(["aaa", "bravo", "zulu"]);
  expect((await list(testCredential("none"))).names).toEqual([]);
  const any = testCredential("any", { grants: [grant("*", "x/", "read")] });
  expect((await list(any)).names).toEqual(everything);
});

test("the dates are those of the buckets, and an attached one's is its own though the engine has its name", async () => {
  const { dates } = await list(root);
  const { createdAt } = await subject.engine.headBucket("alpha");
  expect(dates.get("alpha")).toBe(new Date(createdAt).toISOString());
  for (const name of ["aaa", "charlie", "hidden", "zulu"]) {
    expect(dates.get(name)).toBe("2026-01-01T00:00:00.000Z");
  }
});

test("pages of any size are the whole, whoever asks", async () => {
  for (const size of [1, 2, 3, 6, 7, 8, 10_000]) {
    expect(await listAll(root, size)).toEqual(everything);
    expect(await listAll(some, size)).toEqual(["aaa", "bravo", "zulu"]);
  }
});

test("a prefix narrows what is seen, and what begins with it is not seen for that", async () => {
  expect(await listAll(root, 1, "a")).toEqual(["aaa", "alpha"]);
  expect(await listAll(some, 1, "a")).toEqual(["aaa"]);
  expect(await listAll(some, 1, "c")).toEqual([]);
});

test("a token leads nobody to what is not granted", async () => {
  const { token } = await list(root, "?max-buckets=1");
  expect((await list(some, `?continuation-token=${token}`)).names).toEqual(["bravo", "zulu"]);
});

test("another region has none of them, and bad pages are refused", async () => {
  expect((await list(root, "?bucket-region=eu-west-1")).names).toEqual([]);
  expect((await list(root, "?bucket-region=us-east-1")).names).toEqual(everything);
  for (const query of ["?max-buckets=0", "?max-buckets=10001", "?continuation-token=%21"]) {
    const answer = await subject.send({ method: "GET", target: `/${query}`, as: root });
    expect(refusalOf(answer)).toMatchObject({ status: 400, Code: "InvalidArgument" });
  }
});
