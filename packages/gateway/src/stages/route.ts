import {
  checkBucketName,
  checkKey,
  identify,
  s3Error,
  splitTarget,
  type TargetKind,
} from "@holdfast/protocol";
import type { Received, Routed } from "../context.ts";
import type { StatusProfile } from "../options.ts";
import { takeMovedHeaders } from "./moved-headers.ts";

/** Finds the one operation that the request is, and the bucket, key, headers and parameters that everything later uses. */
export function route(received: Received, profile: StatusProfile): Routed {
  const { bucket = "", key = "", query: parameters } = splitTarget(received.target);
  const { headers, query } = takeMovedHeaders({
    headers: received.headers,
    query: singleValues(parameters),
  });
  const operation = identify({
    method: received.method,
    target: targetKind(bucket, key),
    query,
    headers,
    unknownShapeCode: profile === "documented" ? "InvalidRequest" : "MethodNotAllowed",
  });
  if (bucket !== "") checkBucketName(bucket);
  if (key !== "") checkKey(key);
  return Object.assign(received, { operation, bucket, key, headers, query });
}

/** No parameter of S3 may stand twice: which of the two would it be? */
function singleValues(
  parameters: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string> {
  const query = new Map<string, string>();
  for (const [name, [value = "", second]] of parameters) {
    if (second !== undefined) {
      throw s3Error("InvalidArgument", undefined, {
        reason: "repeated_parameter",
        message: "A query parameter stands more than once in the request.",
        extra: { ArgumentName: name, ArgumentValue: isSigning(name) ? "***" : value },
      });
    }
    query.set(name, value);
  }
  return query;
}

function targetKind(bucket: string, key: string): TargetKind {
  if (bucket === "") return "service";
  return key === "" ? "bucket" : "object";
}

/** A signature and a session token are nothing to repeat. */
function isSigning(parameter: string): boolean {
  return parameter.toLowerCase().startsWith("x-amz-");
}
