import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import { algorithm } from "./credential-scope.ts";

/** The refusal of a request that is signed with the version that S3 has given up. */
export function signatureVersion2(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: `The authorization mechanism you have provided is not supported. Please use ${algorithm}.`,
    reason: "signature_version_2" satisfies AuthFailureReason,
  });
}
