import { childNamed, type XmlElement } from "../xml/element.ts";
import { readXml } from "../xml/reader.ts";
import { renderXml, type XmlField } from "../xml/writer.ts";
import { catalogue } from "./catalogue.ts";
import { S3Error } from "./s3-error.ts";
import { isErrorCode } from "./is-error-code.ts";

/** What the gateway knows of the request that failed. */
export interface ErrorContext {
  /** The path as it was requested, still percent-encoded. */
  readonly resource: string;
  readonly requestId: string;
  readonly hostId: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
}

/** What a client could read of a failure's body. All but `raw` and `details` may be missing. */
export interface ErrorDocument {
  readonly code?: string;
  readonly message?: string;
  readonly resource?: string;
  readonly requestId?: string;
  readonly hostId?: string;
  /** Every other element that holds text, by its name; of two with one name the first. */
  readonly details: Readonly<Record<string, string>>;
  /** The body's beginning, at most 4 KiB of it, as it came. */
  readonly raw: string;
}

const rawBytesMax = 4096;
const elementName = /^[A-Za-z_][\w.-]{0,63}$/;

/** Elements that stand in every document, so that no detail may restate them. */
const common = new Set(["Code", "Message", "Resource", "RequestId", "HostId"]);

/**
 * Renders the `<Error>` document. The Message is never empty, since clients fail on an empty one.
 * A detail whose name cannot be an element, or is one of the common ones, is left out.
 */
export function renderErrorDocument(error: S3Error, context: ErrorContext): string {
  const { details } = error;
  const fields: XmlField[] = [
    ["Code", error.code],
    ["Message", error.message || defaultMessage(error.code)],
  ];
  if (!Object.hasOwn(details, "BucketName")) fields.push(["BucketName", context.bucket]);
  if (!Object.hasOwn(details, "Key")) fields.push(["Key", context.key]);
  for (const [name, value] of Object.entries(details)) {
    if (elementName.test(name) && !common.has(name)) fields.push([name, value]);
  }
  fields.push(
    ["Resource", context.resource],
    ["RequestId", context.requestId],
    ["HostId", context.hostId],
  );
  return renderXml(["Error", fields]);
}

function defaultMessage(code: string): string {
  return isErrorCode(code) ? catalogue[code].message : code;
}

/** Reads what a server sent as a failure's body: an `<Error>`, STS's `<ErrorResponse>`, or anything else. Never fails. */
export function readErrorDocument(body: Uint8Array): ErrorDocument {
  // `stream` holds back a character that the cut went through.
  const raw = new TextDecoder().decode(body.subarray(0, rawBytesMax), { stream: true });
  const fields = errorFields(body);
  const { Code, Message, Resource, RequestId, HostId } = Object.fromEntries(fields);
  for (const name of common) fields.delete(name);
  return {
    ...(Code !== undefined && { code: Code }),
    ...(Message !== undefined && { message: Message }),
    ...(Resource !== undefined && { resource: Resource }),
    ...(RequestId !== undefined && { requestId: RequestId }),
    ...(HostId !== undefined && { hostId: HostId }),
    details: Object.fromEntries(fields),
    raw,
  };
}

function errorFields(body: Uint8Array): Map<string, string> {
  const fields = new Map<string, string>();
  for (const { name, text, children } of errorElements(body)) {
    if (children.length === 0 && !fields.has(name)) fields.set(name, text);
  }
  return fields;
}

function errorElements(body: Uint8Array): readonly XmlElement[] {
  try {
    const root = readXml(body);
    if (root.name === "Error") return root.children;
    if (root.name !== "ErrorResponse") return [];
    return [...(childNamed(root, "Error")?.children ?? []), ...root.children];
  } catch (error) {
    // HTML from a load balancer, JSON, or a document that broke off: the status has to decide.
    if (S3Error.is(error)) return [];
    throw error;
  }
}
