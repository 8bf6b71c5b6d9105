import type { AuthFailureReason } from "./auth-failures.ts";

/** The algorithm's name, in the header's scheme, the query and every string to sign. */
export const algorithm = "AWS4-HMAC-SHA256";

const service = "s3";
const terminator = "aws4_request";

/** What a derived key is good for: one day, one region, S3. */
export interface CredentialScope {
  /** `yyyyMMdd`. */
  readonly date: string;
  readonly region: string;
  /** As it stands in the string to sign. */
  readonly text: string;
}

/** The scope of a day (`yyyyMMdd`) and a region. */
export function credentialScope(date: string, region: string): CredentialScope {
  return { date, region, text: `${date}/${region}/${service}/${terminator}` };
}

/** What is wrong with a claimed credential. */
interface CredentialFault {
  readonly message: string;
  readonly reason: AuthFailureReason;
  /** The region to sign for, where that was the fault. */
  readonly region?: string;
}

/** Reads `KEYID/yyyyMMdd/region/s3/aws4_request`, which must be of our region and the request's day. */
export function readCredential(
  text: string,
  expected: { readonly region: string; readonly amzDate: string },
): { readonly accessKeyId: string; readonly scope: CredentialScope } | CredentialFault {
  const parts = text.split("/", 6);
  const [accessKeyId = "", date = "", region = ""] = parts;
  if (parts.length !== 5) {
    const form = `<access key id>/yyyyMMdd/<region>/${service}/${terminator}`;
    return {
      message: `the credential must have the form "${form}".`,
      reason: "malformed_credential",
    };
  }
  if (!/^\d{8}$/.test(date)) {
    const message = "the credential's date must be in the format yyyyMMdd.";
    return { message, reason: "malformed_credential_date" };
  }
  if (region !== expected.region) {
    const message = `the region '${region}' is wrong; expecting '${expected.region}'.`;
    return { message, reason: "wrong_region", region: expected.region };
  }
  if (parts[3] !== service) {
    return { message: `the service must be '${service}'.`, reason: "wrong_service" };
  }
  if (parts[4] !== terminator) {
    return { message: `the credential must end in '${terminator}'.`, reason: "wrong_terminator" };
  }
  if (date !== expected.amzDate.slice(0, 8)) {
    const message = "the credential's date is not the day of the request's date.";
    return { message, reason: "scope_date_mismatch" };
  }
  return { accessKeyId, scope: credentialScope(date, region) };
}
