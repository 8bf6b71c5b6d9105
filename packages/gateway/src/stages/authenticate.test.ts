import { afterAll, beforeAll, expect, test } from "vitest";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import { refusalOf, startSubject, type Subject } from "../s3-subject.test.support.ts";

const control = new MemoryControl(testCredential("root", { grants: "all" }));
let subject: Subject;
beforeAll(async () => {
  subject = await startSubject("documented", { control });
  const as = testCredential("root");
  await subject.send({ method: "PUT", target: "/bucket", as });
});
afterAll(() => subject.close());

test("a credential holds from the request after its making to the one before its end", async () => {
  const as = testCredential("short-lived", { grants: [grant("bucket", "", "list")] });
  const ask = { method: "GET", target: "/bucket", as };
  expect(refusalOf(await subject.send(ask))["Code"]).toBe("InvalidAccessKeyId");
  control.add(as);
  expect((await subject.send(ask)).status).toBe(200);
  control.credentials.delete(as.accessKeyId);
  expect(refusalOf(await subject.send(ask))["Code"]).toBe("InvalidAccessKeyId");
});
