import { afterEach, beforeEach, expect, test } from "vitest";
import type { SigningCredentials } from "@holdfast/protocol";
import {
  credentials,
  refusalOf,
  startSubject,
  type Answer,
  type Subject,
} from "../s3-subject.test.support.ts";
import type { ControlPlane, NewGrant } from "./control-plane.ts";
import { holdLock } from "./hold-lock.test.support.ts";
import { PlaneFixture } from "./plane.test.support.ts";

const grants: NewGrant[] = [{ bucket: "uploads", prefix: "in/", verbs: ["read", "write"] }];

let fixture: PlaneFixture;
let plane: ControlPlane;
/** What changes the database from elsewhere, while the gateway goes by `plane`. */
let elsewhere: ControlPlane;
let subject: Subject;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
  fixture.now = Date.now();
  plane = await fixture.open({ root: credentials });
  elsewhere = await fixture.open();
  subject = await startSubject("documented", { control: plane });
  await subject.engine.createBucket("uploads");
  await elsewhere.createTenant({ name: "acme" });
});

afterEach(async () => {
  await subject.close();
  await fixture.remove();
});

async function put(as: SigningCredentials): Promise<Answer> {
  return await subject.send({ method: "PUT", target: "/uploads/in/a", body: "abc", as });
}

test("each request goes by what was changed elsewhere before it came", async () => {
  for (let round = 0; round < 20; round += 1) {
    const { credential, secretAccessKey } = await elsewhere.createCredential({
      tenant: "acme",
      grants,
    });
    const { accessKeyId } = credential;
    const signer = { accessKeyId, secretAccessKey };
    expect((await put(signer)).status).toBe(200);
    await elsewhere.updateCredential(accessKeyId, { grants: [{ bucket: "*", verbs: ["list"] }] });
    expect(refusalOf(await put(signer))["Code"]).toBe("AccessDenied");
    await elsewhere.updateCredential(accessKeyId, { grants });
    expect((await put(signer)).status).toBe(200);
    await elsewhere.disableTenant("acme");
    expect((await put(signer)).status).toBe(401);
    await elsewhere.enableTenant("acme");
    expect((await put(signer)).status).toBe(200);
    await elsewhere.deleteCredential(accessKeyId);
    expect(refusalOf(await put(signer))["Code"]).toBe("InvalidAccessKeyId");
  }
});

test("a temporary credential needs its token, and works no longer than its parent", async () => {
  const { credential: parent } = await elsewhere.createCredential({ tenant: "acme", grants });
  const expiresAt = fixture.now + 600_000;
  const made = await elsewhere.createSessionCredential({ parent: parent.accessKeyId, expiresAt });
  const { secretAccessKey, sessionToken } = made;
  const signer = { accessKeyId: made.credential.accessKeyId, secretAccessKey };
  expect((await put({ ...signer, sessionToken })).status).toBe(200);
  expect((await put(signer)).status).not.toBe(200);
  await elsewhere.deleteCredential(parent.accessKeyId);
  expect(refusalOf(await put({ ...signer, sessionToken }))["Code"]).toBe("InvalidAccessKeyId");
});

test("a credential was used once a request that it signed was authentic", async () => {
  const { credential, secretAccessKey } = await elsewhere.createCredential({
    tenant: "acme",
    grants,
  });
  const { accessKeyId } = credential;
  await put({ accessKeyId, secretAccessKey: "a wrong one" });
  await subject.close();
  await plane.close();
  expect((await elsewhere.getCredential(accessKeyId)).lastUsedAt).toBeUndefined();

  plane = await fixture.open({ root: credentials });
  subject = await startSubject("documented", { control: plane });
  await subject.engine.createBucket("uploads");
  await put({ accessKeyId, secretAccessKey });
  await plane.close();
  expect((await elsewhere.getCredential(accessKeyId)).lastUsedAt).toBe(fixture.now);
});

test("a bucket's rules that cannot be kept now, since another process has the database, are told to come again", async () => {
  const impatient = await fixture.open({ root: credentials, lockWaitMs: 100 });
  const other = await startSubject("aws", { control: impatient });
  await other.engine.createBucket("uploads");
  const letGo = await holdLock(fixture.path);
  const removal = { method: "DELETE", target: "/uploads?cors" };
  const refused = await other.send(removal);
  expect(refusalOf(refused)["Code"]).toBe("ServiceUnavailable");
  expect(refused.headers["retry-after"]).toBe("1");
  await letGo();
  expect((await other.send(removal)).status).toBe(204);
  await other.close();
});
