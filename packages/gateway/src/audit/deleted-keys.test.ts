import { createHash } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { grant, MemoryControl, testCredential } from "../access/memory-control.test.support.ts";
import { credentials, region, startSubject, type Subject } from "../s3-subject.test.support.ts";
import { openUpstreams, type OpenUpstreams } from "../upstream/open-upstreams.ts";
import type { AuditRow } from "./audit-event.ts";
import { openAudit, type Audit } from "./audit-log.ts";

const tenant = testCredential("tenant", { grants: [grant("photos", "in/", "write", "delete")] });

let directory = "";
let audit: Audit;
let control: MemoryControl;
/** Whose engine has the objects; it is the upstream of the gateway that is asked where there is one. */
let far: Subject;
let subject: Subject;
let upstreams: OpenUpstreams;

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "holdfast-deleted-"));
  audit = await openAudit({ directory });
  control = new MemoryControl(tenant);
  far = await startSubject("aws");
  await far.engine.createBucket("photos");
  const config = { name: "far", endpoints: [far.gateway.endpoint], region, credentials };
  upstreams = openUpstreams([config]);
  subject = await startSubject("documented", { control, audit, upstreams });
  await subject.engine.createBucket("photos");
});

afterEach(async () => {
  await subject.close();
  await upstreams.close();
  await far.close();
  await audit.close();
  await rm(directory, { recursive: true });
});

const removal = (...keys: readonly string[]): string =>
  `<Delete><Quiet>true</Quiet>${keys.join("")}</Delete>`;
const object = (key: string, more = ""): string => `<Object><Key>${key}</Key>${more}</Object>`;

async function remove(body: string): Promise<number> {
  const headers = { "content-md5": createHash("md5").update(body).digest("base64") };
  const ask = { method: "POST", target: "/photos?delete", headers, body, as: tenant };
  return (await subject.send(ask)).status;
}

async function rows(): Promise<readonly AuditRow[]> {
  await audit.recorded();
  const found: AuditRow[] = [];
  let token: string | undefined;
  do {
    const page = await audit.query({ operation: "DeleteObjects", token });
    found.push(...page.rows);
    token = page.next;
  } while (token !== undefined);
  return found.toReversed();
}

describe.each(["the engine", "an upstream"])("of a bucket that %s keeps", (keeper) => {
  beforeEach(() => {
    const attachment = { bucket: "photos", upstream: "far", remoteBucket: "photos", createdAt: 0 };
    if (keeper === "an upstream") control.attach("photos", attachment);
  });

  test("a deletion of many is a row of its own and a row for each key, with what became of it", async () => {
    const asked = [object("in/a"), object("out/b"), object("in/c", '<ETag>"none"</ETag>')];
    expect(await remove(removal(...asked, object("in/ü &amp; d")))).toBe(200);
    const [request, ...keys] = await rows();
    expect(request).toMatchObject({ kind: "denied", status: 200, detail: { keys: 4 } });
    expect(request?.key).toBeUndefined();
    expect(keys.map(({ kind, key, code, reason }) => [kind, key, code, reason])).toEqual([
      ["write", "in/a", undefined, undefined],
      ["denied", "out/b", "AccessDenied", "scope_violation"],
      ["failed", "in/c", "NoSuchKey", undefined],
      ["write", "in/ü & d", undefined, undefined],
    ]);
    const { requestId, tenant: whose, accessKeyId, bucket, address, principal } = request ?? {};
    for (const row of keys) {
      expect(row).toMatchObject({ requestId, tenant: whose, accessKeyId, bucket, address, principal }); // prettier-ignore
      expect(row.durationMs).toBeUndefined();
    }
  });

  test("a thousand keys are a thousand rows", async () => {
    const asked = Array.from(
      { length: 1000 },
      (_, index) => `in/${String(index).padStart(4, "0")}`,
    );
    expect(await remove(removal(...asked.map((key) => object(key))))).toBe(200);
    const all = await rows();
    expect(all.slice(-999).map(({ key }) => key)).toEqual(asked.slice(1));
    expect(audit.state().written.get("write")).toBe(1001);
  });

  test("one that failed as a whole has its keys, too, and says of each how", async () => {
    await subject.engine.deleteBucket("photos");
    await far.engine.deleteBucket("photos");
    expect(await remove(removal(object("in/a"), object("out/b")))).toBe(404);
    const [request, ...keys] = await rows();
    expect(request).toMatchObject({ kind: "failed", code: "NoSuchBucket", detail: { keys: 2 } });
    expect(keys.map(({ kind, key, code }) => [kind, key, code])).toEqual([
      ["failed", "in/a", "NoSuchBucket"],
      ["denied", "out/b", "AccessDenied"],
    ]);
  });
});

test("a document that names no keys is one row", async () => {
  expect(await remove("<Delete></Delete>")).toBe(400);
  const [request, ...keys] = await rows();
  expect([request?.detail, keys]).toEqual([undefined, []]);
});
