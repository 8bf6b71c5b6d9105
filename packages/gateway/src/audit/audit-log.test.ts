import { appendFile, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  array,
  assert,
  asyncProperty,
  constant,
  constantFrom,
  integer,
  oneof,
  option,
  record,
  string as anyString,
} from "fast-check";
import { afterEach, beforeEach, expect, test } from "vitest";
import { auditKinds, type AuditEvent, type AuditRow } from "./audit-event.ts";
import { openAudit, type Audit, type AuditOptions } from "./audit-log.ts";
import { matches, type AuditFilter } from "./audit-query.ts";

let directory: string;
let clock: number;
const open: Audit[] = [];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-audit-"));
  clock = Date.now();
});

afterEach(async () => {
  await Promise.all(open.splice(0).map((audit) => audit.close()));
  await rm(directory, { recursive: true });
});

async function start(options: Partial<AuditOptions> = {}): Promise<Audit> {
  const audit = await openAudit({ directory, windowMs: 5, now: () => clock, ...options });
  open.push(audit);
  return audit;
}

const write = (key: string): AuditEvent => ({ kind: "write", operation: "PutObject", key });

async function everything(audit: Audit, filter: AuditFilter = {}): Promise<readonly AuditRow[]> {
  const rows: AuditRow[] = [];
  let token: string | undefined;
  do {
    const page = await audit.query({ ...filter, limit: 7, token });
    rows.push(...page.rows);
    token = page.next;
  } while (token !== undefined);
  return rows;
}

async function textOf(pieces: AsyncIterable<string>): Promise<string> {
  let text = "";
  for await (const piece of pieces) text += piece;
  return text;
}

const event = record({
  kind: constantFrom(...auditKinds),
  operation: constantFrom("PutObject", "GetObject", "credential.create"),
  tenant: option(constantFrom("acme", "zenith"), { nil: undefined }),
  accessKeyId: option(constantFrom("A", "B"), { nil: undefined }),
  bucket: option(constantFrom("photos", "logs"), { nil: undefined }),
  key: option(oneof(anyString({ unit: "binary" }), constant("a\nb\r\u2028")), { nil: undefined }),
  reason: option(constantFrom("expired", "disk_full"), { nil: undefined }),
  status: option(constantFrom(200, 204, 403, 404, 500), { nil: undefined }),
});

const filter = record(
  {
    kind: constantFrom(...auditKinds),
    tenant: constantFrom("acme", "zenith", "nobody"),
    accessKeyId: constantFrom("A", "B"),
    bucket: constantFrom("photos", "logs"),
    key: constantFrom("a\nb\r\u2028"),
    prefix: constantFrom("a", "a\nb\r\u2028", ""),
    operation: constantFrom("PutObject", "credential.create"),
    reason: constantFrom("expired", "disk_full"),
    statusClass: constantFrom(2 as const, 4 as const, 5 as const),
  },
  { requiredKeys: [] },
);

const seed = Number(process.env["HOLDFAST_SEED"] ?? Date.now());

test(`any rows of several processes are found by any question, in order, once (HOLDFAST_SEED=${seed})`, async () => {
  const steps = array(
    record({ event, process: integer({ min: 0, max: 2 }), laterMs: integer({ min: -1, max: 3 }) }),
    { maxLength: 60 },
  );
  const spans = record(
    { from: integer({ min: -5, max: 60 }), to: integer({ min: 0, max: 90 }) },
    { requiredKeys: [] },
  );
  await assert(
    asyncProperty(steps, filter, spans, async (told, asked, span) => {
      const here = await mkdtemp(join(directory, "run-"));
      const begun = (clock = Date.now());
      const audits = await Promise.all(
        [0, 1, 2].map(() => start({ directory: here, segmentBytesMax: 500 })),
      );
      for (const { event: one, process, laterMs } of told) {
        clock += laterMs;
        audits[process]?.record(one);
        if (laterMs === 3) await audits[process]?.recorded();
      }
      await Promise.all(audits.map((audit) => audit.recorded()));
      const [audit] = audits;
      if (audit === undefined) throw new Error("no audit");
      const all = await everything(audit);
      const plain = (rows: readonly AuditRow[]): string[] =>
        rows.map((row) => JSON.stringify({ ...row, id: undefined, time: undefined })).toSorted();
      const expected = told.map((step) => JSON.stringify(JSON.parse(JSON.stringify(step.event))));
      expect(plain(all)).toEqual(expected.toSorted());
      expect(all.map(({ time }) => time)).toEqual(
        all.map(({ time }) => time).toSorted((one, other) => other - one),
      );
      expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
      const question: AuditFilter = {
        ...asked,
        ...("from" in span && { from: begun + (span.from ?? 0) }),
        ...("to" in span && { to: begun + (span.to ?? 0) }),
      };
      const some = all.filter((row) => matches(row, question));
      expect(await everything(audit, question)).toEqual(some);
      const exported = await textOf(audit.export(question, "ndjson"));
      const lines = exported.split("\n").slice(0, -1);
      expect(lines.map((line) => JSON.parse(line))).toEqual(some.toReversed());
      await Promise.all(audits.map((one) => one.close()));
    }),
    { numRuns: 60, seed },
  );
}, 300_000);

test("who was at one object is told by its whole key, and who was at any of several by what their keys begin with", async () => {
  const audit = await start({ directory });
  const keys = ["a", "a/b", "a/b ", "A/B", "a/bc", "b/a/b"];
  for (const key of keys) audit.record(write(key));
  audit.record({ kind: "write", operation: "CreateBucket" });
  await audit.recorded();
  const asked = async (one: AuditFilter): Promise<readonly unknown[]> =>
    (await everything(audit, one)).map(({ key }) => key).toReversed();
  expect(await asked({ key: "a/b" })).toEqual(["a/b"]);
  expect(await asked({ prefix: "a/b" })).toEqual(["a/b", "a/b ", "a/bc"]);
  expect(await asked({ prefix: "" })).toEqual(keys);
  expect(await asked({ key: "a/bc", prefix: "b" })).toEqual([]);
});

test("a clock that is set back leaves the rows in the order in which they came", async () => {
  const audit = await start();
  audit.record(write("first"));
  clock -= 3_600_000;
  audit.record(write("second"));
  await audit.recorded();
  expect((await everything(audit)).map(({ key }) => key)).toEqual(["second", "first"]);
});

test("rows of all lengths in a large file are read alike from both ends", async () => {
  const audit = await start();
  const keys = Array.from({ length: 3000 }, (_, index) => `${index}${"ü".repeat(index % 1000)}`);
  for (const key of keys) audit.record(write(key));
  await audit.recorded();
  const forward = (await textOf(audit.export({}, "ndjson"))).split("\n").slice(0, -1);
  expect(forward.map((line) => JSON.parse(line).key)).toEqual(keys);
  const [first, second] = [await audit.query({ limit: 1000 }), await audit.query({ limit: 5000 })];
  expect(second).toEqual(first);
  expect(first.rows.map(({ key }) => key)).toEqual(keys.toReversed().slice(0, 1000));
});

test("an event that was recorded is on the disk when the audit says so, before its window ends", async () => {
  const audit = await start({ windowMs: 60_000 });
  audit.record(write("a"));
  expect(await readdir(directory)).toEqual([]);
  await audit.recorded();
  const [name = ""] = await readdir(directory);
  expect(await readFile(join(directory, name), "utf8")).toMatch(/"key":"a"\}\n$/);
});

test("a file that ends at any byte gives exactly the rows that are whole", async () => {
  const audit = await start();
  for (const key of ["a", "ü\n", "c"]) audit.record(write(key));
  await audit.close();
  const [name = ""] = await readdir(directory);
  const whole = await readFile(join(directory, name));
  const ends = [...whole.keys()].filter((at) => whole[at] === 0x0a);
  const reader = await start();
  for (let length = 0; length <= whole.length; length += 1) {
    await writeFile(join(directory, name), whole.subarray(0, length));
    const rows = await everything(reader);
    expect(rows).toHaveLength(ends.filter((end) => end < length).length);
    const exported = await textOf(reader.export({}, "ndjson"));
    expect(exported.split("\n").slice(0, -1)).toHaveLength(rows.length);
  }
});

test("lines that are no rows are passed over, however long and whatever they hold", async () => {
  const audit = await start();
  audit.record(write("before"));
  await audit.recorded();
  const [name = ""] = await readdir(directory);
  const noise = ["", "{}", "null", '{"id":"x","time":1,"kind":"write"}', "\0".repeat(600_000)];
  await appendFile(join(directory, name), `${noise.join("\n")}\n`);
  audit.record(write("after"));
  await audit.recorded();
  expect((await everything(audit)).map(({ key }) => key)).toEqual(["after", "before"]);
  const exported = await textOf(audit.export({}, "csv"));
  expect(exported.split("\r\n")).toHaveLength(4);
});

test("when the room gets scarce reads go first, then strangers, then refusals, then writes, and the audit says so", async () => {
  const audit = await start({ windowMs: 60_000, queueBytesMax: 20_000, reads: true });
  const events: readonly AuditEvent[] = [
    { kind: "read", operation: "GetObject" },
    { kind: "denied", operation: "GetObject" },
    { kind: "failed", operation: "GetObject", principal: "credential" },
    { kind: "write", operation: "PutObject" },
  ];
  for (const one of events) for (let times = 0; times < 400; times += 1) audit.record(one);
  for (let times = 0; times < 100; times += 1) {
    audit.record({ kind: "control", operation: "credential.create" });
  }
  const dropped = Object.fromEntries(audit.state().dropped);
  await audit.recorded();
  await audit.recorded();
  const rows = await everything(audit);
  const kept = (kind: string): number => rows.filter((row) => row.kind === kind).length;
  const [read, denied, failed, written] = ["read", "denied", "failed", "write"].map(kept);
  expect([read, denied, failed, written].every((count) => (count ?? 0) > 10)).toBe(true);
  expect(kept("control")).toBe(100);
  expect({ read, denied, failed, write: written }).toEqual({
    read: 400 - (dropped["read"] ?? 0),
    denied: 400 - (dropped["denied"] ?? 0),
    failed: 400 - (dropped["failed"] ?? 0),
    write: 400 - (dropped["write"] ?? 0),
  });
  const told = rows.filter(({ kind }) => kind === "dropped").map(({ detail }) => detail);
  const { read: r, denied: d, failed: f, write: w } = dropped;
  expect(told).toMatchObject([{ read: r, denied: d, failed: f, write: w }]);
});

test("what is too old or too much goes, but never the file that is written to", async () => {
  const audit = await start({ segmentBytesMax: 1000, retention: { bytesMax: 30_000 } });
  for (let index = 0; index < 100; index += 1) {
    audit.record(write(`key-${index}`));
    await audit.recorded();
  }
  await audit.close();
  expect((await readdir(directory)).length).toBeGreaterThan(5);
  clock += 3_600_000;
  const later = await start({ retention: { bytesMax: 3000 } });
  const kept = await everything(later);
  expect(kept[0]?.key).toBe("key-99");
  expect(kept.length).toBeGreaterThan(5);
  expect(later.state().bytes).toBeLessThanOrEqual(3000);
  clock += 2 * 86_400_000;
  const muchLater = await start({ retention: { days: 1 } });
  expect(await everything(muchLater)).toEqual([]);
  muchLater.record(write("now"));
  await muchLater.recorded();
  expect(await everything(muchLater)).toHaveLength(1);
});

test("what is too much goes as soon as it is", async () => {
  const audit = await start({ segmentBytesMax: 1000, retention: { bytesMax: 3000 } });
  for (let index = 0; index < 100; index += 1) {
    audit.record(write(`key-${index}`));
    await audit.recorded();
    expect(audit.state().bytes).toBeLessThanOrEqual(4500);
  }
  expect((await everything(audit))[0]?.key).toBe("key-99");
});

test.each(["", "x", "MTIz", Buffer.from("1.2.3").toString("base64url")])(
  "the token %j that was never given is refused",
  async (token) => {
    const audit = await start();
    await expect(audit.query({ token })).rejects.toMatchObject({ code: "InvalidArgument" });
  },
);

test("a spreadsheet takes no cell for a formula, and reads every cell as one", async () => {
  const audit = await start();
  const keys = ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1", " =1", 'a"b', "a,b", "a\nb", "|x", "%x"];
  for (const key of keys) audit.record(write(key));
  await audit.recorded();
  const text = await textOf(audit.export({}, "csv"));
  const cells = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^",\r\n]*))/gm)].map(
    ([, quoted, bare = ""]) => quoted?.replaceAll('""', '"') ?? bare,
  );
  expect(cells.filter((cell) => /^\s*[=+\-@|%]/.test(cell))).toEqual([]);
  for (const key of keys)
    expect(cells.some((cell) => cell === key || cell === `'${key}`)).toBe(true);
});
