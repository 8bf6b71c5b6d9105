import { S3Error } from "@holdfast/protocol";
import * as v from "valibot";
import { auditKinds, type AuditRow } from "../../audit/audit-event.ts";
import type { AuditFilter } from "../../audit/audit-query.ts";
import { AdminError } from "../admin-error.ts";
import { nextPageToken, paging } from "../page.ts";
import { nothing, route } from "../route.ts";
import { fields } from "../schemas/fields.ts";
import { moment, momentText } from "../schemas/moment.ts";

const word = v.optional(v.pipe(v.string("text"), v.maxLength(1024, "up to 1024 characters")));

/** Which events are asked for. */
const filter = {
  from: v.optional(moment),
  to: v.optional(moment),
  kind: v.optional(v.picklist(auditKinds, `one of ${auditKinds.join(", ")}`)),
  tenant: word,
  accessKeyId: word,
  address: word,
  bucket: word,
  key: word,
  prefix: word,
  operation: word,
  reason: word,
  requestId: word,
};

const words = v.optional(v.string());
const number = v.optional(v.number());

const auditEvent = v.object({
  id: v.string(),
  time: moment,
  kind: v.picklist(auditKinds),
  operation: v.string(),
  principal: words,
  accessKeyId: words,
  tenant: words,
  address: words,
  bucket: words,
  key: words,
  copySource: words,
  upstream: words,
  upstreamRequestId: words,
  requestId: words,
  status: number,
  code: words,
  reason: words,
  bytesIn: number,
  bytesOut: number,
  durationMs: number,
  aborted: v.optional(v.boolean()),
  detail: v.optional(v.record(v.string(), v.union([v.boolean(), v.number(), v.string()]))),
} satisfies Record<keyof AuditRow, v.GenericSchema>);

/** Something that happened, as the admin API shows it. */
export type AuditEventAnswer = v.InferOutput<typeof auditEvent>;

type Asked = Omit<AuditFilter, "from" | "to" | "statusClass"> & {
  readonly from?: string | undefined;
  readonly to?: string | undefined;
};

function filterOf({ from, to, ...rest }: Asked): AuditFilter {
  return {
    ...rest,
    from: from === undefined ? undefined : Date.parse(from),
    to: to === undefined ? undefined : Date.parse(to),
  };
}

/** What happened. */
export const auditRoutes = [
  route({
    method: "GET",
    pattern: "/v1/audit",
    name: "queryAudit",
    summary: "Shows what happened, the newest first. A page may be short that is not the last.",
    status: 200,
    errors: ["bad_page_token", "unavailable"],
    path: nothing,
    query: fields({ ...filter, ...paging }),
    body: nothing,
    answer: v.object({ events: v.array(auditEvent), nextPageToken }),
    run: async ({ query: { limit, pageToken: token, ...asked } }, { audit }) => {
      if (audit === undefined) throw new AdminError("unavailable");
      await audit.recorded();
      const query = { ...filterOf(asked), limit, token };
      const { rows, next } = await audit.query(query).catch((cause: unknown) => {
        const isToken = S3Error.is(cause) && cause.code === "InvalidArgument";
        throw isToken ? new AdminError("bad_page_token", undefined, { cause }) : cause;
      });
      const events = rows.map(({ time, ...row }) => ({ ...row, time: momentText(time) }));
      return { events, nextPageToken: next };
    },
  }),
  route({
    method: "GET",
    pattern: "/v1/audit/export",
    name: "exportAudit",
    summary: "Gives out everything that happened, the oldest first, as lines of JSON or as CSV.",
    status: 200,
    errors: ["unavailable"],
    path: nothing,
    query: fields({
      ...filter,
      format: v.optional(v.picklist(["ndjson", "csv"], "ndjson or csv"), "ndjson"),
    }),
    body: nothing,
    pages: ["application/x-ndjson", "text/csv"],
    run: async ({ query: { format, ...asked } }, { audit }) => {
      if (audit === undefined) throw new AdminError("unavailable");
      await audit.recorded();
      const type =
        format === "csv" ? "text/csv; charset=utf-8; header=present" : "application/x-ndjson";
      return { type, text: audit.export(filterOf(asked), format) };
    },
  }),
];
