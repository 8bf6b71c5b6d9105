import { parseHttpDate, readErrorDocument, type ErrorDocument } from "@holdfast/protocol";
import { oneLine } from "./failure-sentence.ts";
import { inferCode, isPage, type FailureHead } from "./infer-code.ts";
import { isSecretName, redact } from "./redact.ts";
import type { WireFailureFields } from "./wire-failure.ts";

const textMax = 1024;
const idMax = 256;
const pageTextMax = 200;
const detailsMax = 32;

interface ReadFailureOptions {
  /** When the head arrived, in milliseconds since 1970; now by default. */
  readonly nowMs?: number;
  readonly secrets?: readonly string[];
}

/**
 * The failure that an answer means, whatever its status and however broken its body, of which 64 KiB suffice. The code
 * of the document comes before that of the headers, and a code inferred from the status is the last resort. None of the
 * `secrets` that the request was signed with is in it, wherever the server may have put them.
 */
export function readFailure(
  head: FailureHead,
  body: Uint8Array,
  { nowMs = Date.now(), secrets = [] }: ReadFailureOptions = {},
): WireFailureFields {
  const { status, headers } = head;
  const clean = (text: string): string => redact(text, secrets);
  const document = readDocument(body);
  const { code, message } = stated(headers, document);
  const inferred = code === undefined ? inferCode(head, body.byteLength) : undefined;
  return {
    code: inferred ?? short(clean(code ?? ""), idMax),
    status,
    message:
      message === undefined
        ? guess(head, body, { inferred, clean })
        : short(clean(message), textMax),
    codeInferred: inferred !== undefined,
    requestId: id(
      clean,
      headers["x-amz-request-id"],
      headers["x-amzn-requestid"],
      document.requestId,
    ),
    hostId: id(clean, headers["x-amz-id-2"], document.hostId),
    retryAfter: retryAfter(headers, nowMs),
    details: detailsOf(head, document, clean),
    region: region(headers["x-amz-bucket-region"] ?? document.details["Region"]),
    clockOffsetMs: clockOffset(headers, nowMs),
  };
}

/** What the service itself says it was; an empty element says nothing. */
function stated(
  headers: FailureHead["headers"],
  document: ErrorDocument,
): { readonly code: string | undefined; readonly message: string | undefined } {
  const code = document.code || headers["x-minio-error-code"] || headers["x-amz-error-code"];
  const message =
    document.message || headers["x-minio-error-desc"] || headers["x-amz-error-message"];
  return { code: code || undefined, message: message || undefined };
}

type Clean = (text: string) => string;

/** Reads the document, and what was sent of one that broke off or is not all UTF-8. */
function readDocument(body: Uint8Array): ErrorDocument {
  const document = readErrorDocument(body);
  if (document.code !== undefined) return document;
  const root = /^\s*(?:<\?[^>]*\?>\s*)?<((?:[\w.-]+:)?Error)[\s>]/.exec(document.raw)?.[1];
  if (root === undefined) return document;
  const text = new TextDecoder().decode(body).replace(new RegExp(`</${root}\\s*>[^]*`), "");
  const end = text.indexOf(">", text.lastIndexOf("</"));
  if (end === -1) return document;
  return readErrorDocument(new TextEncoder().encode(`${text.slice(0, end + 1)}</${root}>`));
}

/** What there is to say where the service said nothing, and the code's own sentence would say too little. */
function guess(
  head: FailureHead,
  body: Uint8Array,
  { inferred, clean }: { readonly inferred: string | undefined; readonly clean: Clean },
): string | undefined {
  const { headers, method, status } = head;
  if (inferred === undefined) return undefined;
  if (isPage(head, body.byteLength)) {
    const type = short(clean(headers["content-type"] ?? "no type"), idMax);
    const words = short(textOf(body, clean), pageTextMax);
    return `The answer has no S3 error but ${type}${words === "" ? "." : `, which begins: ${words}`}`;
  }
  if (method === "HEAD" && status === 400) {
    return "The service gave no reason, as to any HEAD; an expired token, another region and a missing encryption key end like this.";
  }
  return inferred === String(status) ? "The service gave no reason." : undefined;
}

function textOf(body: Uint8Array, clean: Clean): string {
  const text = new TextDecoder().decode(body.subarray(0, 4096), { stream: true });
  const words = text.replaceAll(/<(?:style|script)\b[^]*?(?=<\/|$)|<[^<>]*(?:>|$)/gi, " ");
  return clean(words).replaceAll(/\s+/g, " ").trim();
}

function detailsOf(
  head: FailureHead,
  { details }: ErrorDocument,
  clean: Clean,
): Record<string, string> {
  const kept: Record<string, string> = {};
  const names = Object.keys(details).filter((name) => !isSecret(name, details));
  for (const name of names.slice(0, detailsMax)) {
    // A key may hold control characters, so these stay.
    kept[clean(name)] = cut(clean(details[name] ?? ""), textMax);
  }
  if (head.headers["x-amz-delete-marker"] === "true") kept["DeleteMarker"] = "true";
  return kept;
}

/** `ArgumentValue` is as secret as what `ArgumentName` names. */
function isSecret(name: string, details: Readonly<Record<string, string>>): boolean {
  if (isSecretName(name)) return true;
  const named = name.endsWith("Value") ? details[name.replace(/Value$/, "Name")] : undefined;
  return named !== undefined && isSecretName(named);
}

function retryAfter(headers: FailureHead["headers"], nowMs: number): number | undefined {
  const milliseconds = headers["x-amz-retry-after"]?.trim() ?? "";
  if (/^\d{1,12}$/.test(milliseconds)) return Number(milliseconds) / 1000;
  const value = headers["retry-after"]?.trim() ?? "";
  if (/^\d{1,9}(?:\.\d{1,9})?$/.test(value)) return Number(value);
  const date = parseHttpDate(value, nowMs);
  if (date === undefined) return undefined;
  // The server's own clock made both dates, so ours does not matter.
  const sent = parseHttpDate(headers["date"] ?? "", nowMs) ?? nowMs;
  return Math.max(0, (date - sent) / 1000);
}

/** A cache's answer has the date at which the cache got it. */
function clockOffset(headers: FailureHead["headers"], nowMs: number): number | undefined {
  if (headers["age"] !== undefined) return undefined;
  const date = parseHttpDate(headers["date"] ?? "", nowMs);
  return date === undefined ? undefined : date - nowMs;
}

/** It will stand in a host name and in a signature, so no server may choose freely. */
function region(value: string | undefined): string | undefined {
  return value !== undefined && /^[\w-]{1,63}$/.test(value) ? value : undefined;
}

function id(clean: Clean, ...candidates: readonly (string | undefined)[]): string | undefined {
  const found = candidates.find((candidate) => candidate !== undefined && candidate !== "");
  return found === undefined ? undefined : short(clean(found), idMax);
}

/** On one line, without control characters. */
function short(text: string, charactersMax: number): string {
  return cut(oneLine(text), charactersMax);
}

function cut(text: string, charactersMax: number): string {
  return text.length <= charactersMax ? text : `${text.slice(0, charactersMax - 1)}…`;
}
