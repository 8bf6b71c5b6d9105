import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, expect, test } from "vitest";
import { asAdminError } from "../admin/admin-error.ts";
import { holdLock } from "../control/hold-lock.test.support.ts";
import { refusalOf, type Answer } from "../s3-subject.test.support.ts";
import { openQuotas } from "./open-quotas.ts";
import { heldBytes, startQuotaSubject, type QuotaSubject } from "./quota-subject.test.support.ts";

let subject: QuotaSubject;
let letGo: (() => Promise<void>) | undefined;

/** Longer than anything here takes that waits for nobody. */
const longMs = 20_000;

/** `lockWaitMs` is as long as another process may keep a write waiting. */
async function start(lockWaitMs: number): Promise<void> {
  subject = await startQuotaSubject("aws", { lockWaitMs });
  subject.limits.set("counted", { hardBytes: 1000 });
  for (const bucket of ["counted", "free"]) await subject.engine.createBucket(bucket);
  expect((await put("counted", "first")).status).toBe(200);
  letGo = await holdLock(subject.quotaOptions.file);
}

afterEach(async () => {
  await unlock();
  await subject.close();
});

async function unlock(): Promise<void> {
  await letGo?.();
  letGo = undefined;
}

function put(bucket: string, key: string): Promise<Answer> {
  return subject.send({ method: "PUT", target: `/${bucket}/${key}`, body: "0123456789" });
}

test("while another process has the lock of the counts, all is answered but writes to buckets with a quota, and those are once it lets go", async () => {
  await start(longMs);
  const waits = put("counted", "second");
  let settled = false;
  void waits.finally(() => (settled = true));
  const begun = performance.now();
  for (let round = 0; round < 10; round += 1) {
    const get = await subject.send({ method: "GET", target: "/counted/first" });
    expect(get.body.toString()).toBe("0123456789");
    expect((await put("free", String(round))).status).toBe(200);
    expect(await subject.quotas.usage("counted")).toEqual({ usedBytes: 10, reservedBytes: 0 });
  }
  expect(settled).toBe(false);
  expect(performance.now() - begun).toBeLessThan(longMs);
  await unlock();
  expect((await waits).status).toBe(200);
  expect(await subject.quotas.usage("counted")).toEqual({
    usedBytes: await heldBytes(subject.engine, "counted"),
    reservedBytes: 0,
  });
});

test("a write that waits too long for the counts is refused unwritten, an operator is told why, and the next is made", async () => {
  await start(300);
  const [refused, recount] = await Promise.all([
    put("counted", "second"),
    subject.quotas.recount("counted").catch(asAdminError),
  ]);
  expect(refusalOf(refused)).toMatchObject({ status: 503, Code: "ServiceUnavailable" });
  expect(refused.headers["retry-after"]).toBe("1");
  expect(recount).toMatchObject({ code: "database_busy", status: 503 });
  const missing = await subject.send({ method: "HEAD", target: "/counted/second" });
  expect(missing.status).toBe(404);
  await unlock();
  expect((await put("counted", "second")).status).toBe(200);
  expect((await subject.quotas.usage("counted"))?.usedBytes).toBe(20);
});

test("a start that waits too long for the counts says who is in the way, and leaves nothing open", async () => {
  await start(300);
  const other = openQuotas({ ...subject.quotaOptions, lockWaitMs: 100 });
  await expect(other).rejects.toMatchObject({
    code: "DATABASE_BUSY",
    cause: { code: "SQLITE_BUSY" },
  });
});

test("a close does not wait for who has the lock: what waits is refused, and nothing stays set aside", async () => {
  await start(longMs);
  const waits = put("counted", "second");
  await sleep(50);
  const begun = performance.now();
  await subject.quotas.close();
  expect(performance.now() - begun).toBeLessThan(longMs);
  expect((await waits).status).toBe(503);
  await unlock();
  const next = await openQuotas(subject.quotaOptions);
  expect(await next.usage("counted")).toEqual({ usedBytes: 10, reservedBytes: 0 });
  await next.close();
});
