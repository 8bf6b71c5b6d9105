import { readXml } from "@holdfast/protocol";
import { createHash } from "node:crypto";
import { expect, test } from "vitest";
import type { Call } from "../request/call.ts";
import { bodyText, replying, type Reply } from "./connection.test.support.ts";
import { deleteObjects } from "./delete-objects.ts";

const bucket = "bucket";

function keysOf(call: Call): string[] {
  return readXml(Buffer.from(bodyText(call))).children.map(
    ({ children }) => children.find(({ name }) => name === "Key")?.text ?? "",
  );
}

/** A service that deletes whatever it is asked to. */
function deleteAll(call: Call): Reply {
  if (call.operation === "DeleteObject") return { status: 204 };
  const deleted = keysOf(call).map((key) => `<Deleted><Key>${key}</Key></Deleted>`);
  return { body: `<DeleteResult>${deleted.join("")}</DeleteResult>` };
}

test("2,500 objects take three requests, and each has its outcome in the order given", async () => {
  const connection = replying(deleteAll);
  const objects = Array.from({ length: 2500 }, (_, index) => `k${index}`);
  const { outcomes, failed } = await deleteObjects(connection, { bucket, objects });
  expect(connection.calls.map((call) => keysOf(call).length)).toEqual([1000, 1000, 500]);
  expect(outcomes.map(({ key }) => key)).toEqual(objects);
  expect(failed).toEqual([]);
});

test("a key that XML cannot carry is deleted by itself, and is the same key", async () => {
  const connection = replying(deleteAll);
  const objects = ["a", "\u0001", "b\uFFFF", "tab\t", "🙂"];
  const { outcomes } = await deleteObjects(connection, { bucket, objects });
  expect(connection.calls.map(({ operation, key }) => key ?? operation)).toEqual([
    "DeleteObjects",
    "\u0001",
    "b\uFFFF",
  ]);
  expect(outcomes.map(({ key, deleted }) => [key, deleted])).toEqual(
    objects.map((key) => [key, true]),
  );
});

test("what the service refuses for one key is that key's outcome, typed", async () => {
  const body =
    "<DeleteResult><Deleted><Key>a</Key></Deleted><Error><Key>b</Key><Code>AccessDenied</Code><Message>no</Message></Error></DeleteResult>";
  const connection = replying(() => ({ body, headers: { "x-amz-request-id": "R1" } }));
  const { outcomes, failed } = await deleteObjects(connection, { bucket, objects: ["b", "a"] });
  expect(outcomes.map(({ deleted }) => deleted)).toEqual([false, true]);
  expect(failed).toHaveLength(1);
  expect(failed[0]?.error).toMatchObject({
    name: "S3AccessDeniedError",
    errorCode: "AccessDenied",
    key: "b",
    requestId: "R1",
  });
});

test("a key that the answer does not mention is not said to be deleted", async () => {
  const connection = replying(() => ({ body: "<DeleteResult/>" }));
  const { failed } = await deleteObjects(connection, { bucket, objects: ["a"] });
  expect(failed[0]?.error).toMatchObject({ errorCode: "MalformedResponse", ambiguous: true });
});

test("versions of one key have outcomes of their own", async () => {
  const body =
    "<DeleteResult><Error><Key>a</Key><VersionId>1</VersionId><Code>InternalError</Code></Error><Deleted><Key>a</Key><VersionId>2</VersionId></Deleted></DeleteResult>";
  const objects = [
    { key: "a", versionId: "2" },
    { key: "a", versionId: "1" },
  ];
  const { outcomes } = await deleteObjects(
    replying(() => ({ body })),
    { bucket, objects },
  );
  expect(outcomes.map(({ versionId, deleted }) => [versionId, deleted])).toEqual([
    ["2", true],
    ["1", false],
  ]);
});

test("a request that fails as a whole is the outcome of its objects, and the others are deleted", async () => {
  const connection = replying((call, index) =>
    index === 0 ? { failure: { code: "SlowDown", status: 503 } } : deleteAll(call),
  );
  const objects = Array.from({ length: 1001 }, (_, index) => `k${index}`);
  const { outcomes, failed } = await deleteObjects(connection, { bucket, objects });
  expect(failed).toHaveLength(1000);
  expect(new Set(failed.map(({ error }) => error.errorCode))).toEqual(new Set(["SlowDown"]));
  expect(outcomes.at(-1)).toMatchObject({ key: "k1000", deleted: true });
});

test("the caller's signal ends it with an error", async () => {
  const connection = replying(() => ({ failure: { code: "Aborted" } }));
  const deleting = deleteObjects(connection, { bucket, objects: ["a"] });
  await expect(deleting).rejects.toMatchObject({ errorCode: "Aborted" });
});

test("the document proves that it is whole by Content-MD5, or by the checksum that is asked for", async () => {
  const connection = replying(deleteAll);
  await deleteObjects(connection, { bucket, objects: ["a"] });
  await deleteObjects(connection, { bucket, objects: ["a"], checksumAlgorithm: "SHA256" });
  const [md5, sha256] = connection.calls;
  if (md5 === undefined || sha256 === undefined) throw new Error("two calls were expected");
  const digest = (algorithm: string): string =>
    createHash(algorithm).update(bodyText(md5)).digest("base64");
  expect(md5.headers).toMatchObject({ "content-md5": digest("md5") });
  expect(sha256.headers).toMatchObject({ "x-amz-checksum-sha256": digest("sha256") });
  expect(sha256.headers?.["content-md5"]).toBeUndefined();
});

test("no objects are no request", async () => {
  const connection = replying(deleteAll);
  expect(await deleteObjects(connection, { bucket, objects: [] })).toEqual({
    outcomes: [],
    failed: [],
  });
  expect(connection.calls).toEqual([]);
});
