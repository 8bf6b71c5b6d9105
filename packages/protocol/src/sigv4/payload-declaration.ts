import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";

/** What `x-amz-content-sha256` may say instead of a hash. */
export const payloadModes = {
  unsigned: "UNSIGNED-PAYLOAD",
  signedChunks: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD",
  signedChunksTrailer: "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
  unsignedChunksTrailer: "STREAMING-UNSIGNED-PAYLOAD-TRAILER",
} as const;

/** How a body is bound to the signature, as its sender declares it. */
export type PayloadDeclaration =
  | { readonly kind: "hashed"; readonly sha256: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "chunked"; readonly signed: boolean; readonly trailer: boolean };

/** Reads `x-amz-content-sha256`; `NotImplemented` for SigV4A, `InvalidArgument` for anything unknown. */
export function readPayloadDeclaration(value: string): PayloadDeclaration {
  switch (value) {
    case payloadModes.unsigned:
      return { kind: "unsigned" };
    case payloadModes.signedChunks:
      return { kind: "chunked", signed: true, trailer: false };
    case payloadModes.signedChunksTrailer:
      return { kind: "chunked", signed: true, trailer: true };
    case payloadModes.unsignedChunksTrailer:
      return { kind: "chunked", signed: false, trailer: true };
    default:
  }
  if (/^[0-9a-fA-F]{64}$/.test(value)) return { kind: "hashed", sha256: value.toLowerCase() };
  if (/^STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD(?:-TRAILER)?$/.test(value)) {
    throw s3Error("NotImplemented", undefined, {
      extra: { Header: "x-amz-content-sha256" },
      reason: "sigv4a" satisfies AuthFailureReason,
    });
  }
  throw s3Error("InvalidArgument", undefined, {
    message:
      "x-amz-content-sha256 must be UNSIGNED-PAYLOAD, a STREAMING mode, or a SHA-256 in hexadecimal.",
    extra: { ArgumentName: "x-amz-content-sha256", ArgumentValue: value },
    reason: "malformed_content_sha256" satisfies AuthFailureReason,
  });
}
