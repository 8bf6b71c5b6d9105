import type { AuditEventAnswer } from "@holdfast/gateway";
import type { Given } from "../argument.ts";
import type { AdminCommand } from "../command.ts";
import { options } from "../named-arguments.ts";
import { textTable } from "../text-table.ts";

const filters = [
  options.since,
  options.until,
  options.concernedTenant,
  options.credential,
  options.bucket,
  options.key,
  options.concernedPrefix,
  options.operation,
  options.reason,
];

function moment(ms: number | undefined): string | undefined {
  return ms === undefined ? undefined : new Date(ms).toISOString();
}

function queryOf(given: Given): Readonly<Record<string, string | undefined>> {
  return {
    from: moment(given.optional(options.since)),
    to: moment(given.optional(options.until)),
    tenant: given.optional(options.concernedTenant),
    accessKeyId: given.optional(options.credential),
    bucket: given.optional(options.bucket),
    key: given.optional(options.key),
    prefix: given.optional(options.concernedPrefix),
    operation: given.optional(options.operation),
    reason: given.optional(options.reason),
  };
}

interface AuditPage {
  readonly events: readonly AuditEventAnswer[];
  readonly nextPageToken?: string;
}

const headings = ["TIME", "KIND", "OPERATION", "STATUS", "REASON", "CREDENTIAL", "WHAT"];

function rowOf(event: AuditEventAnswer): readonly string[] {
  const { time, kind, operation, status, code, reason, accessKeyId, bucket, key, tenant } = event;
  const what = [bucket ?? tenant, key].filter((part) => part !== undefined).join("/");
  const why = reason ?? code ?? "";
  return [time, kind, operation, String(status ?? ""), why, accessKeyId ?? "", what];
}

/** What happened. */
export const auditCommands: readonly AdminCommand[] = [
  {
    name: "audit query",
    summary: "Shows what happened, the newest first.",
    operands: [],
    required: [],
    options: [...filters, options.limit],
    example: "audit query --since 24h --bucket uploads --key incoming/report.pdf",
    run: async (given, { api }) => {
      const wanted = given.optional(options.limit) ?? 100;
      const events: AuditEventAnswer[] = [];
      let pageToken: string | undefined;
      do {
        const limit = String(Math.min(wanted - events.length, 1000));
        const query = { ...queryOf(given), limit, pageToken };
        const page = await api.ask<AuditPage>({ method: "GET", path: "/v1/audit", query });
        events.push(...page.events);
        pageToken = page.nextPageToken;
      } while (pageToken !== undefined && events.length < wanted);
      const text = textTable(headings, events.map(rowOf), "Nothing of that kind happened.");
      return { json: { events }, text };
    },
  },
  {
    name: "audit export",
    summary: "Writes out everything that happened, the oldest first, as lines of JSON or as CSV.",
    operands: [],
    required: [],
    options: [...filters, options.format],
    example: "audit export --since 30d --format csv",
    run: async (given, { api, out }) => {
      const query = { ...queryOf(given), format: given.optional(options.format) };
      const asking = { method: "GET", path: "/v1/audit/export", query } as const;
      for await (const piece of api.stream(asking)) out(piece);
      return undefined;
    },
  },
];
