import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import { controlErrors } from "./control-error.ts";
import { openDatabase, type ControlDatabase } from "./database.ts";
import { holdLock } from "./hold-lock.test.support.ts";
import { PlaneFixture } from "./plane.test.support.ts";

let fixture: PlaneFixture;

beforeEach(async () => {
  fixture = await PlaneFixture.make();
});

afterEach(async () => {
  await fixture.remove();
});

async function addTenant({ kysely }: ControlDatabase, name: string): Promise<void> {
  await kysely.insertInto("tenants").values({ name, disabled: 0, created_at: 0 }).execute();
}

test("more writers than the library has threads all get their turn, and nobody's commit waits behind them", async () => {
  const names = Array.from({ length: availableParallelism() + 4 }, (_, index) => `tenant-${index}`);
  const databases: ControlDatabase[] = [];
  for (const _ of names) databases.push(await openDatabase(fixture.path));
  for (let round = 0; round < 5; round += 1) {
    await Promise.all(
      databases.map(
        async (database, index) => await addTenant(database, `${names[index]}-${round}`),
      ),
    );
  }
  const [first] = databases;
  const stored = await first?.kysely.selectFrom("tenants").select("name").execute();
  for (const database of databases) await database.close();
  expect(stored).toHaveLength(names.length * 5);
});

test("a change waits for whoever writes, and is made once that one has let go", async () => {
  const plane = await fixture.open();
  const letGo = await holdLock(fixture.path);
  const change = plane.createTenant({ name: "acme" });
  const first = await Promise.race([change.then(() => "made"), sleep(500, "still waiting")]);
  expect(first).toBe("still waiting");
  await letGo();
  await change;
  expect((await plane.listTenants()).tenants.map(({ name }) => name)).toEqual(["acme"]);
});

test("a change that waits too long is refused as busy, leaves nothing, and the next one is made", async () => {
  const plane = await fixture.open({ lockWaitMs: 200 });
  const letGo = await holdLock(fixture.path);
  await expect(plane.createTenant({ name: "acme" })).rejects.toMatchObject({
    code: "database_busy",
    cause: { code: "SQLITE_BUSY" },
  });
  expect(controlErrors.database_busy.status).toBe(503);
  await letGo();
  await plane.createTenant({ name: "bolt" });
  expect((await plane.listTenants()).tenants.map(({ name }) => name)).toEqual(["bolt"]);
});

test("a start that waits too long says that another process does not let go", async () => {
  await fixture.open();
  const letGo = await holdLock(fixture.path);
  await expect(fixture.open({ lockWaitMs: 200 })).rejects.toMatchObject({
    code: "DATABASE_BUSY",
    cause: { code: "SQLITE_BUSY" },
  });
  await letGo();
  await fixture.open();
});
