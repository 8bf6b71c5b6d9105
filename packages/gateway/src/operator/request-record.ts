import { createHash } from "node:crypto";
import { inspect } from "node:util";
import type { S3Error } from "@holdfast/protocol";
import type { Control } from "../access/control.ts";
import type { Credential } from "../access/credential.ts";
import type { KeyDeletion, Known, Reply } from "../context.ts";
import type { BrokenRequest } from "../http/broken-request.ts";
import type { RequestRecord } from "../options.ts";
import { asS3Error } from "../stages/refuse.ts";
import type { Sent } from "../stages/respond.ts";
import { unknownOperation } from "./label-values.ts";
import { presentedSecrets, withoutSecrets } from "./presented-secrets.ts";
import { presentedAccessKeyId } from "./presented-access-key-id.ts";

/** How a request ended, as the pipeline knows it. */
export interface Outcome {
  readonly known: Known;
  readonly reply: Reply;
  readonly sent: Sent;
  readonly error: S3Error | undefined;
  /** By the clock of `performance.now()`. */
  readonly startedAt: number;
}

/** The record of a finished request. What the client or an upstream worded is in it without what would open a door. */
export function requestRecord(outcome: Outcome, control: Control): RequestRecord {
  const { known, sent, startedAt } = outcome;
  const { principal, credential, accessKeyId } = whoAsked(known, control);
  const secrets = presentedSecrets(known, credential);
  return {
    event: "request",
    time: known.receivedAt,
    requestId: known.requestId,
    address: known.address,
    method: known.method,
    operation: known.operation ?? "Unknown",
    bucket: known.bucket || undefined,
    key: withoutSecrets(known.key || undefined, secrets),
    copySource: withoutSecrets(copySource(known), secrets),
    principal,
    accessKeyId,
    tenant: credential?.tenant,
    upstream: known.attachment?.upstream,
    traceId: known.span?.spanContext().traceId,
    ...whatWasAnswered(outcome, secrets),
    bytesIn: known.incoming.bytesRead,
    bytesOut: sent.bytesOut,
    durationMs: Math.round((performance.now() - startedAt) * 1000) / 1000,
    aborted: sent.aborted,
  };
}

/** The record of bytes that were no request: what is known of them is where they came from, and what they were told. */
export function brokenRecord(
  { requestId, error, bytesOut, isAnswered }: BrokenRequest,
  { time, address }: Pick<RequestRecord, "address" | "time">,
): RequestRecord {
  const { status, code, reason } = error;
  return {
    event: "request",
    time,
    requestId,
    address,
    method: "",
    operation: unknownOperation,
    status,
    code,
    reason,
    bytesIn: 0,
    bytesOut,
    durationMs: 0,
    aborted: !isAnswered,
  };
}

/** The keys of a deletion of many as they may stand in the records; one whose request failed failed with it. */
export function recordedDeletions(
  { known, error }: Outcome,
  control: Control,
): readonly KeyDeletion[] {
  const { deletions } = known;
  if (deletions === undefined) return [];
  const secrets = presentedSecrets(known, whoAsked(known, control).credential);
  return deletions.map(({ key, code, reason }) => {
    const shown = withoutSecrets(key, secrets) ?? "";
    if (code !== undefined) return { key: shown, code, reason };
    return { key: shown, code: error?.code, reason: error?.reason };
  });
}

function whatWasAnswered(
  { known, reply: { status }, sent, error }: Outcome,
  secrets: readonly string[],
): Pick<RequestRecord, "cause" | "code" | "reason" | "status" | "upstreamRequestId"> {
  const upstreamRequestId = withoutSecrets(shownUpstreamId(known.trace?.requestId), secrets);
  const broken = sent.cause === undefined ? undefined : asS3Error(sent.cause);
  const failed = error ?? broken ?? known.denied;
  if (failed === undefined) {
    return { upstreamRequestId, status, code: undefined, reason: undefined, cause: undefined };
  }
  const { code, reason } = failed;
  const cause = withoutSecrets(describeCause(failed), secrets);
  return { upstreamRequestId, status, code, reason, cause };
}

interface Asker {
  readonly principal: RequestRecord["principal"];
  readonly credential: Credential | undefined;
  readonly accessKeyId: string | undefined;
}

function whoAsked(known: Known, control: Control): Asker {
  const { principal } = known;
  if (principal?.kind === "credential") {
    const { credential } = principal;
    return { principal: "credential", credential, accessKeyId: credential.accessKeyId };
  }
  const presented = known.accessKeyId ?? presentedAccessKeyId(known);
  if (presented === undefined) {
    return { principal: principal?.kind, credential: undefined, accessKeyId: undefined };
  }
  const credential = control.credential(presented);
  const accessKeyId = credential === undefined ? shownUnknownId(presented) : presented;
  return { principal: principal?.kind, credential, accessKeyId };
}

/** A secret may have been given for the id by mistake: only what has the form of an id is shown. */
function shownUnknownId(presented: string): string {
  if (/^[A-Z0-9]{16,24}$/.test(presented)) return presented;
  return `sha256:${createHash("sha256").update(presented).digest("hex").slice(0, 16)}`;
}

function copySource({ operation, headers }: Known): string | undefined {
  if (operation !== "CopyObject" && operation !== "UploadPartCopy") return undefined;
  const source = headers["x-amz-copy-source"];
  if (typeof source !== "string") return undefined;
  try {
    return decodeURIComponent(source.split("?", 1)[0] ?? "");
  } catch {
    // It names nothing, which is why the request was refused.
    return undefined;
  }
}

/** An upstream's bytes, as far as they could be a name. */
function shownUpstreamId(id: string | undefined): string | undefined {
  return id === undefined || !/^[\w.:/+=-]{1,128}$/.test(id) ? undefined : id;
}

/** Only what is unexpected needs a stack: a refusal says all there is in its code. */
function describeCause(error: S3Error | undefined): string | undefined {
  if (error?.cause === undefined || error.status < 500) return undefined;
  const { cause } = error;
  return cause instanceof Error ? (cause.stack ?? cause.message) : inspect(cause);
}
