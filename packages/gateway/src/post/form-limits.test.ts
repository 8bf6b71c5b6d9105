import { afterEach, expect, test } from "vitest";
import { MemoryControl, grant, testCredential } from "../access/memory-control.test.support.ts";
import { heldBytes, startQuotaSubject } from "../quota/quota-subject.test.support.ts";
import { credentials, startSubject, type Subject } from "../s3-subject.test.support.ts";
import { signedForm, type FormInput } from "./signed-form.test.support.ts";

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function post(subject: Subject, input: Omit<FormInput, "bucket">): Promise<[number, string]> {
  const body = signedForm({ bucket: "bucket", ...input });
  const answer = await fetch(`${subject.gateway.endpoint}/bucket`, { method: "POST", body });
  const [, code = ""] = /<Code>(.*)<\/Code>/.exec(await answer.text()) ?? [];
  return [answer.status, code];
}

test("forms that race for the last bytes of a quota never exceed it, and what it had stays", async () => {
  const subject = await startQuotaSubject();
  open.push(subject);
  await subject.send({ method: "PUT", target: "/bucket" });
  subject.limits.set("bucket", { hardBytes: 100_000 });
  const file = Buffer.alloc(30_000);
  const racing = Array.from({ length: 16 }, (_, at) => post(subject, { file, fields: { "x-amz-meta-at": `${at}` } })); // prettier-ignore
  for (const outcome of await Promise.all(racing)) {
    expect([[204, ""], [507, "EntityTooLarge"]]).toContainEqual(outcome); // prettier-ignore
  }
  expect(await heldBytes(subject.engine, "bucket")).toBe(30_000);
  expect(await post(subject, { file: Buffer.alloc(200_000) })).toEqual([507, "EntityTooLarge"]);
  expect(await heldBytes(subject.engine, "bucket")).toBe(30_000);
  expect((await subject.quotas.usage("bucket"))?.usedBytes).toBe(30_000);
});

test("a form counts against the limit of who signed it, and stores nothing over it", async () => {
  const root = { ...credentials, grants: "all", disabled: false } as const;
  const as = testCredential("writer", {
    grants: [grant("bucket", "", "write")],
    limits: { requestsPerSecond: 0.001 },
  });
  const subject = await startSubject("documented", { control: new MemoryControl(root, as) });
  open.push(subject);
  await subject.send({ method: "PUT", target: "/bucket" });
  expect(await post(subject, { as, file: Buffer.from("first") })).toEqual([204, ""]);
  expect(await post(subject, { as, file: Buffer.from("second") })).toEqual([429, "SlowDown"]);
  const stored = await subject.send({ method: "GET", target: "/bucket/k" });
  expect(stored.body.toString()).toBe("first");
});

test.each([
  ["disabled", { disabled: true }, [401, "InvalidAccessKeyId"]],
  ["expired", { expiresAt: 1 }, [403, "AccessDenied"]],
  ["temporary, without its token", { sessionToken: "token" }, [400, "InvalidToken"]],
] as const)("a form of a credential that is %s is refused", async (_what, fields, outcome) => {
  const root = { ...credentials, grants: "all", disabled: false } as const;
  const as = testCredential("writer", { grants: "all", ...fields });
  const subject = await startSubject("documented", { control: new MemoryControl(root, as) });
  open.push(subject);
  await subject.send({ method: "PUT", target: "/bucket" });
  const { accessKeyId, secretAccessKey } = as;
  const signer = { accessKeyId, secretAccessKey };
  expect(await post(subject, { as: signer, file: Buffer.from("x") })).toEqual(outcome);
  expect((await subject.send({ method: "GET", target: "/bucket/k" })).status).toBe(404);
});

test("a form of a temporary credential carries its token, and no error shows it", async () => {
  const root = { ...credentials, grants: "all", disabled: false } as const;
  const sessionToken = "a token that is a secret";
  const as = testCredential("temporary", { grants: "all", sessionToken });
  const subject = await startSubject("documented", { control: new MemoryControl(root, as) });
  open.push(subject);
  await subject.send({ method: "PUT", target: "/bucket" });
  expect(await post(subject, { as, file: Buffer.from("x") })).toEqual([204, ""]);
  const form = signedForm({ bucket: "bucket", file: Buffer.from("x"), as });
  form.set("x-amz-signature", "0".repeat(64));
  const answer = await fetch(`${subject.gateway.endpoint}/bucket`, { method: "POST", body: form });
  const text = await answer.text();
  expect(text).toContain("<Code>SignatureDoesNotMatch</Code>");
  expect(text).not.toContain(sessionToken);
  expect(text).toContain("<StringToSign>***</StringToSign>");
});
