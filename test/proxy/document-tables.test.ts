import { describe, expect, onTestFinished, test } from "vitest";
import { statusProfiles, type StatusProfile } from "@holdfast/gateway";
import { refusalOf, type Answer } from "../../packages/gateway/src/s3-subject.test.support.ts";
import { codeRows } from "./code-rows.ts";
import { under, type DocumentRow } from "./document-row.ts";
import { startDocumentWorld, type DocumentWorld } from "./document-world.ts";
import { anonymousRows, authFailureRows, scopeRows } from "./reason-rows.ts";

const rows: readonly DocumentRow[] = [
  ...codeRows,
  ...authFailureRows,
  ...scopeRows,
  ...anonymousRows,
];

/** What the document's tables have, so that no row of theirs is silently absent here. */
const documented: Readonly<Record<DocumentRow["table"], readonly string[]>> = {
  codes: [
    "InvalidRequest",
    "MalformedXML",
    "InvalidAccessKeyId",
    "SignatureDoesNotMatch",
    "AccessDenied",
    "RequestTimeTooSkewed",
    "NoSuchBucket",
    "NoSuchKey",
    "MissingContentLength",
    "SlowDown",
    "InternalError",
    "BadGateway",
    "ServiceUnavailable",
    "EntityTooLarge",
  ],
  "auth failures": [
    "unknown_access_key",
    "bad_signature",
    "disabled",
    "expired",
    "bad_authorization_format",
    "bad_credential_field",
    "bad_date",
    "time_skew",
  ],
  "scope violation": ["scope violation"],
  "anonymous rejects": ["disabled_globally", "no_binding", "operation_not_allowed", "rate_limited"],
};

test.each(Object.entries(documented))(
  "every row of the table of %s is asked for",
  (table, names) => {
    const own = rows.filter((row) => row.table === table).map(({ row }) => row);
    expect([...new Set(own)].toSorted()).toEqual(names.toSorted());
  },
);

/** The three metrics that the document names, and the one of all refusals: every line that is not zero. */
function counts({ metrics }: DocumentWorld): ReadonlyMap<string, number> {
  const lines = metrics
    .text()
    .matchAll(/^(holdfast_(?:s3_\w+|refusals|rate_limited)_total\S*) (\d+)$/gm);
  return new Map(
    [...lines].flatMap(([, name = "", count]) => (count === "0" ? [] : [[name, Number(count)]])),
  );
}

/** What was counted between, by line. */
function increments(
  before: ReadonlyMap<string, number>,
  after: ReadonlyMap<string, number>,
): Readonly<Record<string, number>> {
  const changed = [...after].filter(([name, count]) => count !== (before.get(name) ?? 0));
  return Object.fromEntries(
    changed.map(([name, count]) => [name, count - (before.get(name) ?? 0)]),
  );
}

/** Every element that each document has, and those of the row. */
function expectDocument(answer: Answer, row: DocumentRow, profile: StatusProfile): void {
  const { Message, RequestId, HostId, ...said } = refusalOf(answer);
  expect(said).toMatchObject({
    status: under(row.status, profile),
    Code: under(row.code, profile),
    Resource: row.resource,
    ...row.fields,
  });
  expect(String(Message)).toMatch(/\S/);
  expect(answer.body.toString()).toMatch(/^<\?xml version="1\.0" encoding="UTF-8"\?>\s*<Error>/);
  const { headers } = answer;
  expect([RequestId, HostId]).toEqual([headers["x-amz-request-id"], headers["x-amz-id-2"]]);
  for (const [name, value] of Object.entries(row.headers ?? {})) {
    expect(String(headers[name])).toMatch(value);
  }
}

async function drive(row: DocumentRow, profile: StatusProfile): Promise<void> {
  const world = await startDocumentWorld(profile, row.gateway);
  onTestFinished(() => world.close());
  await row.arrange?.(world);
  const before = counts(world);
  const answer = await (typeof row.ask === "function" ? row.ask(world) : world.send(row.ask));
  expectDocument(answer, row, profile);
  const { kind, reason, counted = [] } = row;
  const code = under(row.code, profile);
  const { status, headers } = answer;
  const told = await world.auditOf(String(headers["x-amz-request-id"]));
  expect(told).toMatchObject({ kind, status, code, reason, address: "127.0.0.1" });
  const refused = `holdfast_refusals_total{code="${code}",reason="${reason}"}`;
  const all = [refused, ...counted].map((line) => [line, 1]);
  expect(increments(before, counts(world))).toEqual(Object.fromEntries(all));
}

describe.each(statusProfiles)("in the profile %s", (profile) => {
  const register = (row: DocumentRow): void =>
    test(`${row.table}, ${row.row}: ${row.cause}`, () => drive(row, profile));
  for (const row of rows) register(row);
});
