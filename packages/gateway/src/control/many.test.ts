import { sql } from "kysely";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { ControlPlane } from "./control-plane.ts";
import { PlaneFixture } from "./plane.test.support.ts";

const count = 10_000;

let fixture: PlaneFixture;
let plane: ControlPlane;
let pattern = "";

beforeEach(async () => {
  fixture = await PlaneFixture.make();
  plane = await fixture.open();
  await plane.createTenant({ name: "acme" });
  const { credential } = await plane.createCredential({
    tenant: "acme",
    grants: [{ bucket: "*", verbs: ["read"] }],
  });
  pattern = credential.accessKeyId;
  const { kysely } = plane.database;
  await kysely.transaction().execute(async (tx) => {
    await sql`
      insert into credentials
      with recursive counted (n) as (select 1 union all select n + 1 from counted where n < ${count - 1})
      select printf('AKIB%016d', n), tenant, parent, key_id, sealed_secret, sealed_token, description, disabled,
        expires_at, requests_per_second, concurrency, created_at, last_used_at
      from credentials, counted where access_key_id = ${pattern}
    `.execute(tx);
    await sql`
      insert into grants select access_key_id, '*', '', 'read' from credentials where access_key_id like 'AKIB%'
    `.execute(tx);
  });
});

afterEach(async () => {
  await fixture.remove();
});

/** Of this process, in milliseconds. */
function cpuOf(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

test("one change among ten thousand credentials is taken over for a fraction of what all of them cost", async () => {
  const other = await fixture.open();
  const all = cpuOf(() => plane.refresh());
  expect(plane.state().credentials).toBe(count);
  let changes = 0;
  for (let n = 0; n < 50; n += 1) {
    await plane.updateCredential(pattern, { disabled: n % 2 === 0 });
    changes += cpuOf(() => other.refresh());
    expect(other.credential(pattern)?.disabled).toBe(n % 2 === 0);
  }
  const looks = 10_000;
  const look = cpuOf(() => {
    for (let n = 0; n < looks; n += 1) other.refresh();
  });
  console.log(
    `CPU: all ${all.toFixed(0)} ms, one change ${(changes / 50).toFixed(2)} ms, no change ${((look / looks) * 1000).toFixed(1)} µs`,
  );
  expect(changes / 50).toBeLessThan(all / 20);
  expect(look / looks).toBeLessThan(0.1);
});

test("who missed more changes than are remembered reads everything again", async () => {
  const other = await fixture.open();
  await plane.createTenant({ name: "bolt" });
  await plane.deleteTenant("acme");
  other.refresh();
  expect(other.state()).toMatchObject({ credentials: 0, tenants: 1, failure: undefined });
  expect(other.credential(pattern)).toBeUndefined();
  const { rows } = await sql<object>`select count(*) as n from changes`.execute(
    plane.database.kysely,
  );
  expect(rows).toEqual([{ n: 10_000 }]);
});

test("the last uses of a thousand credentials are written when the plane is closed", async () => {
  const { credentials } = await plane.listCredentials({ limit: 1000 });
  plane.refresh();
  for (const { accessKeyId } of credentials) plane.markUsed(accessKeyId);
  await fixture.close();
  plane = await fixture.open();
  const after = await plane.listCredentials({ limit: 1000 });
  expect(after.credentials.every(({ lastUsedAt }) => lastUsedAt === fixture.now)).toBe(true);
});
