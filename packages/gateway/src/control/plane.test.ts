import { afterEach, beforeEach, expect, test } from "vitest";
import type { ControlPlane, NewGrant } from "./control-plane.ts";
import { PlaneFixture, testNow } from "./plane.test.support.ts";

let fixture: PlaneFixture;
let plane: ControlPlane;
/** Another opening of the same database, as another process has it. */
let other: ControlPlane;

const day = 24 * 60 * 60 * 1000;
const reading: NewGrant = { bucket: "uploads", prefix: "in/", verbs: ["read", "list"] };

beforeEach(async () => {
  fixture = await PlaneFixture.make();
  plane = await fixture.open();
  other = await fixture.open();
  await plane.createTenant({ name: "acme" });
});

afterEach(async () => {
  await fixture.remove();
});

async function credentialOf(tenant = "acme", grants = [reading]): Promise<string> {
  const { credential } = await plane.createCredential({ tenant, grants });
  return credential.accessKeyId;
}

test("a credential works with the secret that was shown once, here and in another process", async () => {
  const { credential, secretAccessKey } = await plane.createCredential({
    tenant: "acme",
    grants: [reading, { bucket: "uploads", prefix: "in/", verbs: ["write"] }],
    description: "the scanner's",
    expiresAt: testNow + day,
    limits: { concurrency: 4 },
  });
  const { accessKeyId } = credential;
  expect(accessKeyId).toMatch(/^AKIA[A-Z2-7]{16}$/);
  expect(secretAccessKey).toMatch(/^[\w-]{40}$/);
  expect(plane.credential(accessKeyId)).toEqual({
    accessKeyId,
    secretAccessKey,
    sessionToken: undefined,
    tenant: "acme",
    grants: [{ bucket: "uploads", prefix: "in/", verbs: new Set(["read", "write", "list"]) }],
    disabled: false,
    expiresAt: testNow + day,
    limits: { requestsPerSecond: undefined, concurrency: 4 },
  });
  expect(other.credential(accessKeyId)).toBeUndefined();
  other.refresh();
  expect(other.credential(accessKeyId)).toEqual(plane.credential(accessKeyId));
  const described = await other.getCredential(accessKeyId);
  expect(described).toEqual(credential);
  expect(JSON.stringify(described)).not.toContain(secretAccessKey);
});

test("the root may do everything, and is nowhere in the database", async () => {
  expect(plane.credential("ROOT")).toMatchObject({ grants: "all", disabled: false });
  expect(plane.credential("ROOT")?.tenant).toBeUndefined();
  await expect(plane.getCredential("ROOT")).rejects.toMatchObject({ code: "no_such_credential" });
});

test("what was there before is there after a restart", async () => {
  const id = await credentialOf();
  const before = plane.credential(id);
  await fixture.close();
  plane = await fixture.open();
  expect(plane.credential(id)).toEqual(before);
});

test("a tenant that is disabled takes its credentials along, and one that is deleted for good", async () => {
  const id = await credentialOf();
  await other.disableTenant("acme");
  plane.refresh();
  expect(plane.credential(id)?.disabled).toBe(true);
  expect((await plane.getCredential(id)).disabled).toBe(false);
  await other.enableTenant("acme");
  plane.refresh();
  expect(plane.credential(id)?.disabled).toBe(false);
  await other.deleteTenant("acme");
  plane.refresh();
  expect(plane.credential(id)).toBeUndefined();
  await expect(plane.createCredential({ tenant: "acme", grants: [reading] })).rejects.toMatchObject(
    {
      code: "no_such_tenant",
    },
  );
});

test("a change leaves what it does not name, and null takes an expiry and limits away", async () => {
  const { credential } = await plane.createCredential({
    tenant: "acme",
    grants: [reading],
    expiresAt: testNow + day,
    limits: { requestsPerSecond: 2.5 },
  });
  const { accessKeyId } = credential;
  await plane.updateCredential(accessKeyId, { disabled: true });
  const changed = { ...credential, disabled: true };
  expect(await plane.getCredential(accessKeyId)).toEqual(changed);
  const freed = await plane.updateCredential(accessKeyId, { expiresAt: null, limits: null });
  expect(freed).toEqual({ ...changed, expiresAt: undefined, limits: undefined });
  expect(plane.credential(accessKeyId)?.expiresAt).toBeUndefined();
  expect(await plane.updateCredential(accessKeyId, {})).toEqual(freed);
});

test("a temporary credential carries a token, and ends with its parent", async () => {
  const parent = await credentialOf();
  const { credential, sessionToken, secretAccessKey } = await plane.createSessionCredential({
    parent,
    expiresAt: testNow + 1000,
  });
  const { accessKeyId } = credential;
  expect(accessKeyId).toMatch(/^ASIA[A-Z2-7]{16}$/);
  expect(plane.credential(accessKeyId)).toMatchObject({
    secretAccessKey,
    sessionToken,
    tenant: "acme",
    expiresAt: testNow + 1000,
  });
  await plane.updateCredential(parent, { disabled: true });
  expect(plane.credential(accessKeyId)?.disabled).toBe(true);
  await plane.updateCredential(parent, { disabled: false, expiresAt: testNow + 10 });
  expect(plane.credential(accessKeyId)).toMatchObject({ disabled: false, expiresAt: testNow + 10 });
  await plane.deleteCredential(parent);
  other.refresh();
  expect(plane.credential(accessKeyId)).toBeUndefined();
  expect(other.credential(accessKeyId)).toBeUndefined();
});

test("a temporary credential never does more than its parent, then or later", async () => {
  const parent = await credentialOf();
  const expiresAt = testNow + 1000;
  for (const grant of [
    { ...reading, prefix: "" },
    { ...reading, bucket: "*" },
    { ...reading, verbs: ["read", "delete"] },
  ] satisfies NewGrant[]) {
    await expect(
      plane.createSessionCredential({ parent, expiresAt, grants: [grant] }),
    ).rejects.toMatchObject({ code: "grants_exceed_parent" });
  }
  const grants = [{ bucket: "uploads", prefix: "in/deep/", verbs: ["read"] }] satisfies NewGrant[];
  const { credential } = await plane.createSessionCredential({ parent, expiresAt, grants });
  const { accessKeyId } = credential;
  await plane.updateCredential(parent, { grants: [{ ...reading, prefix: "in/deep/er/" }] });
  expect(plane.credential(accessKeyId)?.grants).toEqual([
    { bucket: "uploads", prefix: "in/deep/er/", verbs: new Set(["read"]) },
  ]);
  await plane.updateCredential(parent, { grants: [{ bucket: "*", verbs: ["write", "manage"] }] });
  expect(plane.credential(accessKeyId)?.grants).toEqual([]);
});

test("a temporary credential is made only from a lasting one that works, and for no longer", async () => {
  const parent = await credentialOf();
  const expiresAt = testNow + 1000;
  const { credential } = await plane.createSessionCredential({ parent, expiresAt });
  const refused = async (input: object): Promise<unknown> =>
    await plane.createSessionCredential({ parent, expiresAt, ...input }).catch(({ code }) => code);
  expect(await refused({ parent: credential.accessKeyId })).toBe("credential_is_temporary");
  expect(await refused({ parent: "NOBODY" })).toBe("no_such_credential");
  expect(await refused({ expiresAt: testNow })).toBe("expiry_past");
  await plane.updateCredential(parent, { expiresAt: testNow + 999 });
  expect(await refused({})).toBe("expiry_exceeds_parent");
  await plane.updateCredential(parent, { expiresAt: null, disabled: true });
  expect(await refused({})).toBe("parent_not_usable");
  await plane.updateCredential(parent, { disabled: false });
  await plane.disableTenant("acme");
  expect(await refused({})).toBe("parent_not_usable");
  for (const changes of [{ grants: [reading] }, { expiresAt: null }, { limits: null }]) {
    await expect(plane.updateCredential(credential.accessKeyId, changes)).rejects.toMatchObject({
      code: "credential_is_temporary",
    });
  }
});

test("temporary credentials are known for a day after they expired, and then forgotten", async () => {
  const parent = await credentialOf();
  const { credential } = await plane.createSessionCredential({ parent, expiresAt: testNow + 1 });
  fixture.now = testNow + day;
  await plane.createSessionCredential({ parent, expiresAt: fixture.now + 1 });
  expect(plane.credential(credential.accessKeyId)?.expiresAt).toBe(testNow + 1);
  fixture.now = testNow + day + 1;
  await plane.createSessionCredential({ parent, expiresAt: fixture.now + 1 });
  expect(plane.credential(credential.accessKeyId)).toBeUndefined();
});

test("lists come in pages without a gap", async () => {
  await plane.createTenant({ name: "zeta" });
  const ids = await Promise.all(Array.from({ length: 5 }, async () => await credentialOf()));
  await credentialOf("zeta");
  const found: string[] = [];
  for (let after: string | undefined; ;) {
    const page = await plane.listCredentials({ tenant: "acme", limit: 2, after });
    found.push(...page.credentials.map(({ accessKeyId }) => accessKeyId));
    if (page.next === undefined) break;
    after = page.next;
  }
  expect(found).toEqual(ids.toSorted());
  expect((await plane.listCredentials()).credentials).toHaveLength(6);
  const first = await plane.listTenants({ limit: 1 });
  expect(first).toMatchObject({ tenants: [{ name: "acme", disabled: false }], next: "acme" });
  expect(await plane.listTenants({ after: first.next })).toMatchObject({
    tenants: [{ name: "zeta" }],
    next: undefined,
  });
});

test("a bucket's place and settings hold everywhere, and go with it", async () => {
  const rules = [
    { allowedOrigins: ["*"], allowedMethods: ["GET"], allowedHeaders: [], exposeHeaders: [] },
  ] as const;
  const attachment = { bucket: "website", upstream: "ceph", remoteBucket: "acme_Website" };
  await plane.attachBucket(attachment);
  await plane.attachBucket({ bucket: "aaa", upstream: "ceph", remoteBucket: "aaa" });
  await plane.setQuota({ bucket: "website", softBytes: 1, hardBytes: 2 ** 50 });
  await plane.setQuota({ bucket: "website", hardBytes: 3 });
  await plane.allowAnonymous({ bucket: "website", requestsPerSecond: 20 });
  await plane.setCors("website", rules);
  other.refresh();
  for (const one of [plane, other]) {
    expect(one.attachment("website")).toEqual({ ...attachment, createdAt: testNow });
    expect(one.attachments().map(({ bucket }) => bucket)).toEqual(["aaa", "website"]);
    expect(one.quota("website")).toEqual({ softBytes: undefined, hardBytes: 3 });
    expect(one.anonymous("website")).toEqual({ requestsPerSecond: 20 });
    expect(one.cors("website")).toEqual(rules);
    expect(one.settings().map(({ bucket }) => bucket)).toEqual(["website"]);
  }
  const elsewhere = { ...attachment, remoteBucket: "other" };
  await expect(plane.attachBucket(elsewhere)).rejects.toMatchObject({ code: "already_exists" });
  await expect(plane.attachBucket({ ...attachment, bucket: "again" })).rejects.toMatchObject({
    code: "remote_bucket_taken",
  });
  await plane.detachBucket("website");
  other.refresh();
  for (const one of [plane, other]) {
    expect(one.attachment("website")).toBeUndefined();
    expect(one.settings()).toEqual([]);
  }
  for (const call of ["detachBucket", "removeQuota", "denyAnonymous"] as const) {
    await expect(plane[call]("website")).rejects.toMatchObject({ code: "no_such_setting" });
  }
});

test("what a call does not take is refused by its field, and nothing of it is repeated", async () => {
  const refused = async (grant: unknown): Promise<unknown> => {
    const input = JSON.parse(JSON.stringify({ tenant: "acme", grants: [grant] }));
    return await plane.createCredential(input).catch(({ code, detail }) => [code, detail.field]);
  };
  expect(await refused({ ...reading, verbs: [] })).toEqual(["invalid_field", "grants.0.verbs"]);
  expect(await refused({ ...reading, verbs: ["sudo"] })).toEqual([
    "invalid_field",
    "grants.0.verbs.0",
  ]);
  expect(await refused({ ...reading, bucket: "**" })).toEqual(["invalid_field", "grants.0.bucket"]);
  expect(await refused({ ...reading, prefix: "a\0b" })).toEqual([
    "invalid_field",
    "grants.0.prefix",
  ]);
  expect(await refused({ ...reading, prefix: "é".repeat(513) })).toEqual([
    "invalid_field",
    "grants.0.prefix",
  ]);
  expect(await refused({ ...reading, secret: "x" })).toEqual(["invalid_field", "grants.0.secret"]);
  await expect(plane.createTenant({ name: "Acme Ltd." })).rejects.toMatchObject({
    code: "invalid_field",
    detail: { field: "name", expects: "1 to 63 of a-z, 0-9, dot, underscore and hyphen" },
  });
  await expect(plane.setQuota({ bucket: "uploads" })).rejects.toMatchObject({
    code: "invalid_field",
  });
  await expect(
    plane.setQuota({ bucket: "uploads", softBytes: 2, hardBytes: 1 }),
  ).rejects.toMatchObject({ code: "invalid_field" });
  await expect(plane.createTenant({ name: "acme" })).rejects.toMatchObject({
    code: "already_exists",
  });
});

test("the last use of a credential is noted in memory and written when the plane is closed", async () => {
  const id = await credentialOf();
  fixture.now = testNow + 5000;
  other.refresh();
  other.markUsed(id);
  other.markUsed("NOBODY");
  expect((await plane.getCredential(id)).lastUsedAt).toBeUndefined();
  await fixture.close();
  plane = await fixture.open();
  expect((await plane.getCredential(id)).lastUsedAt).toBe(testNow + 5000);
});
