import { randomInt } from "node:crypto";
import { copyFile, open, readFile, stat, truncate, writeFile } from "node:fs/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ControlOpenError } from "./open-error.ts";
import { PlaneFixture } from "./plane.test.support.ts";

let fixture: PlaneFixture;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
  const plane = await fixture.open();
  await plane.createTenant({ name: "acme" });
  const grants = [{ bucket: "uploads", verbs: ["read"] }] as const;
  for (let n = 0; n < 50; n += 1) await plane.createCredential({ tenant: "acme", grants });
});

afterEach(async () => {
  await fixture.remove();
});

test("a database that was cut short is refused as damaged, at any page", async () => {
  await fixture.close();
  const { size } = await stat(fixture.path);
  await copyFile(fixture.path, `${fixture.path}.whole`);
  expect(size).toBeGreaterThan(10 * 4096);
  for (let pages = 1; pages < size / 4096; pages += 1) {
    await copyFile(`${fixture.path}.whole`, fixture.path);
    await truncate(fixture.path, pages * 4096);
    await expect(fixture.open()).rejects.toMatchObject({
      name: "ControlOpenError",
      code: "DATABASE_DAMAGED",
    });
  }
});

test("a database with a page of noise is refused in one sentence, or holds all that it held", async () => {
  const plane = await fixture.open();
  const whole = await plane.listCredentials();
  await fixture.close();
  const { size } = await stat(fixture.path);
  await copyFile(fixture.path, `${fixture.path}.whole`);
  let refused = 0;
  for (let page = 0; page < size / 4096; page += 1) {
    await copyFile(`${fixture.path}.whole`, fixture.path);
    const file = await open(fixture.path, "r+");
    const noise = Buffer.from(Array.from({ length: 4096 }, () => randomInt(256)));
    await file.write(noise, 0, 4096, page * 4096);
    await file.close();
    try {
      const opened = await fixture.open();
      expect(await opened.listCredentials()).toEqual(whole);
      await fixture.close();
    } catch (error) {
      expect(error).toBeInstanceOf(ControlOpenError);
      refused += 1;
    }
  }
  console.log(`${refused} of ${size / 4096} pages of noise were refused`);
  expect(refused).toBeGreaterThan(10);
});

test("what cannot be read while it serves leaves what was known, and the state tells until it can", async () => {
  const plane = await fixture.open();
  const other = await fixture.open();
  const [{ accessKeyId } = { accessKeyId: "" }] = (await plane.listCredentials()).credentials;
  const before = other.credential(accessKeyId);
  const { kysely } = plane.database;
  await kysely.updateTable("grants").set({ verbs: "sudo" }).execute();
  for (const _ of [1, 2]) {
    other.refresh();
    expect(other.state().failure).toBeInstanceOf(Error);
    expect(other.credential(accessKeyId)).toEqual(before);
  }
  await expect(plane.createTenant({ name: "more" })).rejects.toMatchObject({ code: "unavailable" });
  await kysely.updateTable("grants").set({ verbs: "read,list" }).execute();
  other.refresh();
  expect(other.state().failure).toBeUndefined();
  expect(other.credential(accessKeyId)?.grants).toEqual([
    { bucket: "uploads", prefix: "", verbs: new Set(["read", "list"]) },
  ]);
});

test("a start with a row that nobody wrote so is refused, and nothing of the row is repeated", async () => {
  const plane = await fixture.open();
  await plane.database.kysely.updateTable("grants").set({ verbs: "sudo" }).execute();
  await fixture.close();
  await expect(fixture.open()).rejects.toMatchObject({
    code: "DATABASE_DAMAGED",
    cause: { name: "DamagedRow", message: expect.not.stringContaining("sudo") },
  });
});

test("a database that is lost while it serves does not end the requests", async () => {
  const plane = await fixture.open();
  const [{ accessKeyId } = { accessKeyId: "" }] = (await plane.listCredentials()).credentials;
  await writeFile(fixture.path, Buffer.alloc((await readFile(fixture.path)).length));
  await writeFile(`${fixture.path}-wal`, Buffer.alloc(4096, 1));
  plane.refresh();
  expect(plane.credential(accessKeyId)?.accessKeyId).toBe(accessKeyId);
  await expect(plane.createTenant({ name: "more" })).rejects.toMatchObject({ code: "unavailable" });
});
