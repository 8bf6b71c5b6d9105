import type { IncomingMessage } from "node:http";
import { identify, S3Error, splitTarget, type OperationName } from "@holdfast/protocol";

/** A request as it arrived. */
export interface SeenRequest {
  /** In the order of arrival, from 1. */
  readonly number: number;
  /** How often this very request has come, this time included. */
  readonly attempt: number;
  /** Milliseconds since the lab was started. */
  readonly atMs: number;
  /** `Unknown` for what is no operation of S3 that Holdfast knows. */
  readonly operation: OperationName | "Unknown";
  readonly method: string;
  /** As it was sent, without signatures. */
  readonly target: string;
  readonly bucket?: string | undefined;
  readonly key?: string | undefined;
  readonly part?: number | undefined;
  readonly uploadId?: string | undefined;
  readonly accessKeyId?: string | undefined;
  /** Those that hold no secret, by lower-case name. */
  readonly headers: Readonly<Record<string, string>>;
  /** Of the body, as far as it was read. */
  bytesIn: number;
  /** Of the answer that the client was sent; undefined when it was sent none. */
  status?: number | undefined;
  /** Of the error document that the client was sent. */
  code?: string | undefined;
  /** Of the answer that the server gave, whatever the client was told. */
  serverStatus?: number | undefined;
  /** What was done to it. */
  fault?: number | undefined;
}

/** Values that sign or unlock. */
const secretNames =
  /^(authorization|cookie|proxy-authorization|x-amz-security-token|.*customer-key.*)$/;
const secretParameters = /([?&](?:x-amz-signature|x-amz-security-token|signature)=)[^&]*/gi;

/** What a request is, by its method, target and headers. Never throws. */
export function describeRequest(
  request: IncomingMessage,
): Omit<SeenRequest, "number" | "attempt" | "atMs" | "bytesIn"> {
  const { method = "", url: target = "", headers } = request;
  return {
    ...addressOf(method, target, headers),
    method,
    target: target.replaceAll(secretParameters, "$1…"),
    accessKeyId: accessKeyIdOf(target, headers.authorization),
    headers: Object.fromEntries(
      Object.entries(headers)
        .filter(([name]) => !secretNames.test(name))
        .map(([name, value]) => [name, String(value)]),
    ),
  };
}

type Address = Pick<SeenRequest, "operation" | "bucket" | "key" | "part" | "uploadId">;

function addressOf(method: string, target: string, headers: IncomingMessage["headers"]): Address {
  try {
    const { bucket = "", key = "", query: parameters } = splitTarget(target);
    const query = new Map([...parameters].map(([name, [value = ""]]) => [name, value] as const));
    const kind = bucket === "" ? "service" : key === "" ? "bucket" : "object";
    const part = query.get("partNumber");
    return {
      operation: operationOf({ method, target: kind, query, headers }),
      bucket: bucket === "" ? undefined : bucket,
      key: key === "" ? undefined : key,
      part: part !== undefined && /^\d{1,5}$/.test(part) ? Number(part) : undefined,
      uploadId: query.get("uploadId"),
    };
  } catch (error) {
    if (!S3Error.is(error)) throw error;
    return { operation: "Unknown" };
  }
}

function operationOf(
  shape: Omit<Parameters<typeof identify>[0], "unknownShapeCode">,
): SeenRequest["operation"] {
  try {
    return identify({ ...shape, unknownShapeCode: "MethodNotAllowed" });
  } catch (error) {
    if (S3Error.is(error)) return "Unknown";
    throw error;
  }
}

function accessKeyIdOf(target: string, authorization: string | undefined): string | undefined {
  const inHeader = /\bCredential=([^/,\s]+)/.exec(authorization ?? "")?.[1];
  if (inHeader !== undefined) return inHeader;
  return /[?&]X-Amz-Credential=([^&%/]+)/.exec(target)?.[1];
}
