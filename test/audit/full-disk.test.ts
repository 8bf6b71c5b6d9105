import { openAudit, type AuditRow } from "@holdfast/gateway";
import { expect, onTestFinished, test } from "vitest";
import { mountObstacle, mountTmpfs } from "../proofs/small-disk.ts";

const obstacle = mountObstacle();

test.skipIf(obstacle !== undefined)(
  `a disk that is full for a while costs no event that had room in memory, and a change is not confirmed meanwhile${obstacle === undefined ? "" : ` (skipped: ${obstacle})`}`,
  async () => {
    const disk = await mountTmpfs("size=1m");
    onTestFinished(() => disk.unmount());
    const directory = `${disk.path}/audit`;
    const audit = await openAudit({ directory, windowMs: 5, retention: { bytesMax: 2 ** 30 } });
    const record = (key: string): void =>
      audit.record({ kind: "control", operation: "credential.create", key });
    record("before");
    await audit.recorded();
    const giveBack = disk.takeAll();
    const events = Array.from({ length: 3000 }, (_, index) => `during-${index}-${"x".repeat(100)}`);
    for (const key of events.slice(0, 2000)) record(key);
    await expect(audit.recorded()).rejects.toMatchObject({ code: "ENOSPC" });
    expect(audit.state()).toMatchObject({ writable: false, waiting: 2000 });
    for (const key of events.slice(2000)) record(key);
    await expect(audit.recorded()).rejects.toMatchObject({ code: "ENOSPC" });
    expect(audit.state().writeFailures).toBeGreaterThanOrEqual(2);
    giveBack();
    await audit.recorded();
    expect(audit.state()).toMatchObject({ writable: true, waiting: 0 });
    const rows: AuditRow[] = [];
    let text = "";
    for await (const piece of audit.export({}, "ndjson")) text += piece;
    for (const line of text.split("\n").slice(0, -1)) rows.push(JSON.parse(line));
    expect(rows.map(({ key }) => key)).toEqual(["before", ...events]);
    await audit.close();
  },
);
