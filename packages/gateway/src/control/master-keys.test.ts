import { randomBytes } from "node:crypto";
import { chmod, readFile, rm, stat, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ControlPlane } from "./control-plane.ts";
import { addMasterKey } from "./master-keys.ts";
import { PlaneFixture, testNow } from "./plane.test.support.ts";

let fixture: PlaneFixture;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
});

afterEach(async () => {
  await fixture.remove();
});

const freshLine = (id: string): string => `${id}:${randomBytes(32).toString("base64url")}`;

async function withCredentials(count: number): Promise<ControlPlane> {
  const plane = await fixture.open();
  await plane.createTenant({ name: "acme" });
  const grants = [{ bucket: "*", verbs: ["read"] }] as const;
  for (let n = 0; n < count; n += 1) await plane.createCredential({ tenant: "acme", grants });
  return plane;
}

async function idsOf(plane: ControlPlane): Promise<string[]> {
  const { credentials } = await plane.listCredentials({ limit: 1000 });
  return credentials.map(({ accessKeyId }) => accessKeyId);
}

test("the first start makes a key that its owner alone may read, and a second one takes it", async () => {
  const [one, two] = await Promise.all([fixture.open(), fixture.open()]);
  expect((await stat(fixture.keyFile)).mode & 0o777).toBe(0o600);
  expect(one?.state().masterKey).toBe(two?.state().masterKey);
});

test.each([
  ["missing", "KEY_MISSING", async () => await rm(fixture.keyFile)],
  ["readable by others", "KEY_EXPOSED", async () => await chmod(fixture.keyFile, 0o640)],
  ["empty", "KEY_MALFORMED", async () => await writeFile(fixture.keyFile, "# nothing\n")],
  ["no key", "KEY_MALFORMED", async () => await writeFile(fixture.keyFile, "a:short\n")],
  [
    "the same name twice",
    "KEY_MALFORMED",
    async () => await writeFile(fixture.keyFile, `${freshLine("a")}\n${freshLine("a")}\n`),
  ],
  ["another key", "KEY_MISSING", async () => await writeFile(fixture.keyFile, freshLine("other"))],
  [
    "another key of the same name",
    "KEY_WRONG",
    async () => {
      const [id = ""] = (await readFile(fixture.keyFile, "utf8")).split(":");
      await writeFile(fixture.keyFile, freshLine(id));
    },
  ],
])("a start with a key file that is %s is refused: %s", async (_, code, spoil) => {
  await withCredentials(1);
  await fixture.close();
  await spoil();
  await expect(fixture.open()).rejects.toMatchObject({ name: "ControlOpenError", code });
});

test("a start with an older key that is another by the same name is refused", async () => {
  await withCredentials(1);
  await addMasterKey(fixture.keyFile);
  await fixture.close();
  const [current = "", older = ""] = (await readFile(fixture.keyFile, "utf8")).split("\n");
  await writeFile(fixture.keyFile, `${current}\n${freshLine(older.split(":")[0] ?? "")}\n`);
  await expect(fixture.open()).rejects.toMatchObject({ code: "KEY_WRONG" });
});

test("keys of the environment do as well as a file", async () => {
  const text = `${freshLine("new")},${freshLine("old")}`;
  const plane = await fixture.open({ masterKeys: { text } });
  expect(plane.state().masterKey).toBe("new");
  await expect(fixture.open({ masterKeys: { text: freshLine("new") } })).rejects.toMatchObject({
    code: "KEY_WRONG",
  });
});

test("a new key seals from when it is in the file, and all is sealed anew while others serve", async () => {
  const plane = await withCredentials(250);
  const other = await fixture.open();
  const ids = await idsOf(plane);
  const before = new Map(ids.map((id) => [id, other.credential(id)]));
  const old = plane.state().masterKey;
  const { credential, sessionToken } = await plane.createSessionCredential({
    parent: ids[0] ?? "",
    expiresAt: testNow + 1000,
  });

  await addMasterKey(fixture.keyFile);
  const report = await plane.reseal();
  expect(report).toEqual({ masterKey: plane.state().masterKey, resealed: 251, unopened: [] });
  expect(report.masterKey).not.toBe(old);

  other.refresh();
  expect(other.state()).toMatchObject({ masterKey: report.masterKey, failure: undefined });
  for (const [id, known] of before) expect(other.credential(id)).toEqual(known);
  expect(other.credential(credential.accessKeyId)?.sessionToken).toBe(sessionToken);

  const [current = ""] = (await readFile(fixture.keyFile, "utf8")).split("\n");
  await fixture.close();
  await writeFile(fixture.keyFile, current);
  const again = await fixture.open();
  for (const [id, known] of before) expect(again.credential(id)).toEqual(known);
  expect(await again.reseal()).toMatchObject({ resealed: 0 });
});

test("a reseal that was ended goes on where it was", async () => {
  const plane = await withCredentials(250);
  await addMasterKey(fixture.keyFile);
  const abort = new AbortController();
  const ended = plane.reseal({ signal: abort.signal });
  abort.abort();
  await expect(ended).rejects.toMatchObject({ name: "AbortError" });
  expect(await plane.reseal()).toMatchObject({ resealed: 50, unopened: [] });
  const { credentials } = await plane.listCredentials({ limit: 1000 });
  expect(new Set(credentials.map(({ masterKey }) => masterKey))).toEqual(
    new Set([plane.state().masterKey]),
  );
});

test("a credential is never sealed under a key that the file does not have any more", async () => {
  const plane = await withCredentials(1);
  await rm(fixture.keyFile);
  await expect(
    plane.createCredential({ tenant: "acme", grants: [{ bucket: "*", verbs: ["read"] }] }),
  ).rejects.toMatchObject({ code: "unavailable", cause: { code: "KEY_MISSING" } });
  expect(await idsOf(plane)).toHaveLength(1);
});

test("a secret that was moved to another row, or damaged, is nobody's, and the state tells", async () => {
  const plane = await withCredentials(3);
  const [first = "", second = "", third = ""] = await idsOf(plane);
  const { kysely } = plane.database;
  const { sealed_secret } = await kysely
    .selectFrom("credentials")
    .select("sealed_secret")
    .where("access_key_id", "=", first)
    .executeTakeFirstOrThrow();
  const put = async (id: string, secret: Uint8Array): Promise<unknown> =>
    await kysely
      .updateTable("credentials")
      .set({ sealed_secret: secret })
      .where("access_key_id", "=", id)
      .execute();
  await put(second, sealed_secret);
  plane.refresh();
  expect(plane.state().failure).toBeUndefined();
  expect(plane.credential(second)).toBeUndefined();
  expect(plane.credential(first)?.accessKeyId).toBe(first);
  expect(plane.credential(third)?.accessKeyId).toBe(third);
  expect(plane.state().failure).toBeInstanceOf(Error);
  await addMasterKey(fixture.keyFile);
  expect(await plane.reseal()).toMatchObject({ resealed: 2, unopened: [second] });
  await plane.deleteCredential(second);
  expect(plane.state().failure).toBeUndefined();
});
