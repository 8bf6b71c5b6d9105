import { stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { copyControl } from "./copy-control.ts";
import { PlaneFixture } from "./plane.test.support.ts";

let fixture: PlaneFixture;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
});

afterEach(async () => {
  await fixture.remove();
});

test("a copy that is made while credentials change is whole, and of one moment", async () => {
  const plane = await fixture.open();
  await plane.createTenant({ name: "acme" });
  const grants = [{ bucket: "uploads", verbs: ["read", "write"] }] as const;
  const made: string[] = [];
  const copied = new AbortController();
  const changing = (async () => {
    while (!copied.signal.aborted) {
      const { credential } = await plane.createCredential({ tenant: "acme", grants });
      made.push(credential.accessKeyId);
    }
  })();
  for (let n = 0; n < 5; n += 1) {
    const before = made.length;
    const to = join(fixture.directory, `it's copy ${n}`);
    await copyControl({ from: fixture.path, to });
    const atMost = made.length + 1;
    expect((await stat(to)).mode & 0o777).toBe(0o600);
    const copy = await fixture.open({ path: to });
    const { credentials } = copy.state();
    expect(credentials).toBeGreaterThanOrEqual(before);
    expect(credentials).toBeLessThanOrEqual(atMost);
    for (const id of made.slice(0, before))
      expect(copy.credential(id)).toEqual(plane.credential(id));
  }
  copied.abort();
  await changing;
});

test("a copy replaces nothing, and of nothing there is none", async () => {
  await fixture.open();
  const to = join(fixture.directory, "copy");
  await writeFile(to, "mine");
  await expect(copyControl({ from: fixture.path, to })).rejects.toMatchObject({ code: "EEXIST" });
  const from = join(fixture.directory, "none");
  await expect(copyControl({ from, to: `${to}2` })).rejects.toMatchObject({ code: "ENOENT" });
  await expect(stat(`${to}2`)).rejects.toMatchObject({ code: "ENOENT" });
});
