import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "libsql";
import { afterEach, expect, test, vi } from "vitest";
import { UsageDatabase } from "./usage-database.ts";

const folder = mkdtempSync(join(tmpdir(), "holdfast-usage-"));

afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true });
});

test("a transaction that can neither be committed nor rolled back fails all of its callers, and those after until it can be", async () => {
  const usage = await UsageDatabase.open(join(folder, "usage.db"));
  const failing = vi.spyOn(Database.prototype, "exec").mockImplementation(function (
    this: Database.Database,
    sql,
  ) {
    if (sql === "commit" || sql === "rollback") throw new Error(`disk failed at ${sql}`);
    this.prepare(sql).run();
    return this;
  });
  const asked = [usage.transact(() => 1), usage.transact(() => 2)];
  for (const told of await Promise.allSettled(asked)) {
    expect(told).toMatchObject({
      status: "rejected",
      reason: { message: "disk failed at commit" },
    });
  }
  await expect(usage.transact(() => 3)).rejects.toThrow("disk failed at rollback");
  failing.mockRestore();
  expect(await usage.transact(() => 4)).toBe(4);
  await usage.close();
});
