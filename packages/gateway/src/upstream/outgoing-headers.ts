import { s3Error } from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { storedEncoding } from "../handlers/metadata.ts";
import { formatTraceparent, parseTraceparent } from "../operator/trace-context.ts";
import { unsupportedHeader } from "../handlers/supported-headers.ts";
import type { HeaderRow } from "./header-table.ts";
import { remoteCopySource } from "./remote-target.ts";
import { requestHeaders } from "./request-headers.ts";

/**
 * The headers of a request that go on to the upstream, by lower-case name: those that the table forwards, and the ones that
 * it has rewritten and that do not depend on the body. `NotImplemented` for what it refuses.
 */
export function outgoingHeaders(
  { headers, copyOrigin }: Pick<Authorized, "headers" | "copyOrigin">,
  isSecure: boolean,
): Record<string, string> {
  const outgoing: Record<string, string> = {};
  for (const name in headers) {
    const value = headers[name];
    if (typeof value !== "string") continue;
    const row = requestHeaders.find(name);
    if (row.fate === "refused") throw unsupportedHeader(name);
    if (row.fate !== "forwarded") continue;
    checkForwarded(row, { name, value, isSecure });
    outgoing[name] = value;
  }
  checkNominated(headers.connection);
  const encoding = storedEncoding(headers["content-encoding"]);
  if (encoding !== undefined && encoding !== "") outgoing["content-encoding"] = encoding;
  if (copyOrigin !== undefined) outgoing["x-amz-copy-source"] = remoteCopySource(copyOrigin);
  return outgoing;
}

/** Unsigned: the upstream's part of a trace belongs to ours, or to the client's where nobody traces here. */
export function traceparentOf({ headers, span }: Pick<Authorized, "headers" | "span">): {
  readonly traceparent?: string;
} {
  const traced = span?.spanContext() ?? parseTraceparent(headers["traceparent"]);
  return traced === undefined ? {} : { traceparent: formatTraceparent(traced) };
}

function checkForwarded(
  { values, needsTls }: HeaderRow,
  { name, value, isSecure }: { name: string; value: string; isSecure: boolean },
): void {
  if (values?.includes(value) === false) throw unsupportedHeader(name);
  if (needsTls !== true || isSecure) return;
  throw s3Error("InvalidRequest", undefined, {
    message: "The bucket is kept by a server whose connection is not secure enough for this key.",
    extra: { Header: name },
    reason: "key_without_tls",
  });
}

/** A header that `Connection` names ends with this connection, and one that decides something must not. */
function checkNominated(connection: string | undefined): void {
  if (connection === undefined || connection === "keep-alive" || connection === "close") return;
  for (const name of connection.toLowerCase().split(",")) {
    const { fate } = requestHeaders.find(name.trim());
    if (fate === "ended") continue;
    throw s3Error("InvalidRequest", undefined, {
      message: "The Connection header names a header that must go on.",
      reason: "malformed_request",
    });
  }
}
