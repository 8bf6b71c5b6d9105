import { afterAll, beforeAll, expect, test } from "vitest";
import { refusalOf, startSubject, type Ask, type Subject } from "./s3-subject.test.support.ts";

let subject: Subject;
beforeAll(async () => {
  subject = await startSubject();
  await subject.send({ method: "PUT", target: "/bucket" });
  await subject.send({ method: "PUT", target: "/bucket/k", body: "as it was" });
});
afterAll(() => subject.close());

const bucketSubresources = ["accelerate", "acl", "analytics", "encryption", "intelligent-tiering",
  "inventory", "lifecycle", "logging", "metadataConfiguration", "metadataTable", "metrics", "notification",
  "object-lock", "ownershipControls", "policy", "policyStatus", "publicAccessBlock", "replication",
  "requestPayment", "tagging", "versions", "website"]; // prettier-ignore
const objectSubresources = ["acl", "attributes", "legal-hold", "restore", "retention", "select", "tagging",
  "torrent", "versionId", "renameObject", "append"]; // prettier-ignore

test.each(bucketSubresources)("?%s is not implemented and makes no bucket", async (name) => {
  for (const method of ["PUT", "GET", "DELETE"]) {
    const target = `/new-bucket?${name}`;
    const ask = method === "PUT" ? { method, target, body: "<x/>" } : { method, target };
    expect(refusalOf(await subject.send(ask))).toMatchObject({
      status: 501,
      Code: "NotImplemented",
    });
  }
  expect((await subject.send({ method: "HEAD", target: "/new-bucket" })).status).toBe(404);
});

test.each(objectSubresources)("?%s is not implemented and changes no object", async (name) => {
  const methods = name === "tagging" ? ["PUT", "DELETE"] : ["PUT", "GET", "DELETE", "POST"];
  for (const method of methods) {
    const target = `/bucket/k?${name}`;
    const ask = ["PUT", "POST"].includes(method)
      ? { method, target, body: "new" }
      : { method, target };
    expect(refusalOf(await subject.send(ask))).toMatchObject({
      status: 501,
      Code: "NotImplemented",
    });
  }
  const stored = await subject.send({ method: "GET", target: "/bucket/k" });
  expect(stored.body.toString()).toBe("as it was");
});

const copySource = { "x-amz-copy-source": "bucket/k" };
test.each<[string, Ask, number, string]>([
  ["a part number without an upload", { method: "PUT", target: "/bucket/k?partNumber=1", body: "x" }, 400, "InvalidArgument"],
  ["uploads of a key", { method: "GET", target: "/bucket/k?uploads" }, 400, "InvalidRequest"],
  ["a copy source on GET", { method: "GET", target: "/bucket/k", headers: copySource }, 400, "InvalidRequest"],
  ["a copy source on HEAD", { method: "HEAD", target: "/bucket/k", headers: copySource }, 400, ""],
  ["a copy source on DELETE", { method: "DELETE", target: "/bucket/k", headers: copySource }, 400, "InvalidRequest"],
  ["a copy source on POST", { method: "POST", target: "/bucket/k?uploads", headers: copySource }, 400, "InvalidRequest"],
  ["an unknown parameter", { method: "GET", target: "/bucket/k?unknown=1" }, 400, "InvalidRequest"],
  ["a parameter of another operation", { method: "PUT", target: "/bucket/k?prefix=a", body: "x" }, 400, "InvalidRequest"],
  ["a parameter that stands twice", { method: "GET", target: "/bucket?prefix=a&prefix=b" }, 400, "InvalidArgument"],
  ["a body for GET", { method: "GET", target: "/bucket/k", body: "x" }, 400, "InvalidRequest"],
  ["a body for DELETE", { method: "DELETE", target: "/bucket/k", body: "x" }, 400, "InvalidRequest"],
  ["a body for the start of an upload", { method: "POST", target: "/bucket/k?uploads", body: "x" }, 400, "InvalidRequest"],
  ["a hash of a body that is not there", { method: "GET", target: "/bucket/k", payload: "0".repeat(64) }, 400, "XAmzContentSHA256Mismatch"],
  ["another list type", { method: "GET", target: "/bucket?list-type=1" }, 400, "InvalidRequest"],
  ["a bucket with an escaped slash", { method: "GET", target: "/a%2Fb/k" }, 400, "InvalidBucketName"],
  ["an empty bucket", { method: "GET", target: "//k" }, 400, "InvalidBucketName"],
] satisfies [string, Ask, number, string][])("%s is refused", async (...row) => {
  const [, ask, status, code] = row;
  const answer = await subject.send(ask);
  expect(answer.status).toBe(status);
  const told = ask.method === "HEAD" ? "" : refusalOf(answer)["Code"];
  expect(told).toBe(code);
}); // prettier-ignore

test.each([
  "x-amz-meta-a=b",
  "X-Amz-Meta-A=b",
  "x-amz-acl=public-read",
  "x-amz-tagging=a%3Db",
  "x-amz-server-side-encryption=aws%3Akms",
  "x-amz-storage-class=GLACIER",
  "x-amz-copy-source=%2Fbucket%2Fother",
  "x-amz-expected-bucket-owner=123456789012",
  "X-Amz-Foo=1",
])(
  "a header in the query, as %s, is not left out in silence where the query does not sign",
  async (parameter) => {
    const put = { method: "PUT", target: `/bucket/moved?${parameter}`, body: "x" };
    const answer = await subject.send(put);
    expect(refusalOf(answer)).toMatchObject({ status: 501, Code: "NotImplemented" });
    const { status } = await subject.send({ method: "HEAD", target: "/bucket/moved" });
    expect(status).toBe(404);
  },
);

test("a parameter that starts with x- is ignored, as S3 does", async () => {
  const answer = await subject.send({ method: "GET", target: "/bucket/k?x-id=GetObject" });
  expect(answer.body.toString()).toBe("as it was");
});
