import { parseAmzDate } from "../dates.ts";
import { s3Error } from "../errors/s3-error.ts";
import { checkAccessKeyId } from "./access-key-id.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import { canonicalQuery, type Signable } from "./canonical-request.ts";
import { algorithm, readCredential } from "./credential-scope.ts";
import { payloadModes, readPayloadDeclaration } from "./payload-declaration.ts";
import type { Presented } from "./presented.ts";
import { isSessionToken, sessionTokenHeader } from "./session-token.ts";
import { signatureVersion2 } from "./signature-version-2.ts";
import { isSignedHeaderList } from "./signed-header-list.ts";

/** The longest time that a presigned request may hold: seven days. */
const presignedSecondsMax = 604_800;

/** The query parameters that sign a request, spelled as on the wire. */
export const presignedParameters = {
  algorithm: "X-Amz-Algorithm",
  credential: "X-Amz-Credential",
  date: "X-Amz-Date",
  expires: "X-Amz-Expires",
  signedHeaders: "X-Amz-SignedHeaders",
  signature: "X-Amz-Signature",
} as const;

type ParameterName = (typeof presignedParameters)[keyof typeof presignedParameters];
type Parameters = readonly (readonly [name: string, value: string])[];

const required = Object.values(presignedParameters);
const requiredLowerCase: ReadonlySet<string> = new Set(required.map((name) => name.toLowerCase()));

/** Whether any parameter claims to sign the request. `InvalidRequest` for signature version 2. */
export function isPresigned(parameters: Parameters): boolean {
  let isClaimed = false;
  for (const [name] of parameters) {
    if (name === "AWSAccessKeyId") throw signatureVersion2();
    if (claimsToSign(name)) isClaimed = true;
  }
  return isClaimed;
}

/** Whether a parameter, in any spelling, makes a request one that is either signed in its query or refused. */
export function claimsToSign(parameter: string): boolean {
  return requiredLowerCase.has(parameter.toLowerCase());
}

/**
 * The value of a parameter as a header would have carried it: one character for each byte, and no white space at its
 * ends. It may have characters that no header can have.
 */
export function asHeaderValue(value: string): string {
  const text = Buffer.from(value).toString("latin1");
  let [start, end] = [0, text.length];
  // Not by an expression, which looks at white space in the middle once for each character of it.
  while (start < end && isBlank(text[start])) start += 1;
  while (end > start && isBlank(text[end - 1])) end -= 1;
  return text.slice(start, end);
}

function isBlank(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

/** Reads what a presigned request claims: `AuthorizationQueryParametersError` for its format. */
export function readPresigned(
  request: Pick<Signable, "method" | "path" | "headers"> & { readonly parameters: Parameters },
  options: { readonly region: string },
): Presented {
  const { parameters, ...parts } = request;
  const claims = readParameters(parameters);
  if (claims("X-Amz-Algorithm") !== algorithm) {
    throw malformed(`X-Amz-Algorithm only supports "${algorithm}".`, "unsupported_algorithm");
  }
  const amzDate = claims("X-Amz-Date");
  const timeMs = parseAmzDate(amzDate);
  if (timeMs === undefined) {
    throw malformed(
      "X-Amz-Date must be in the ISO8601 Long Format yyyyMMdd'T'HHmmss'Z'.",
      "malformed_date",
    );
  }
  const expiresSeconds = readExpires(claims("X-Amz-Expires"));
  const credential = claims("X-Amz-Credential");
  const claimed = readCredential(credential, { region: options.region, amzDate });
  if ("reason" in claimed) {
    const extra = claimed.region === undefined ? {} : { Region: claimed.region };
    throw malformed(
      `Error parsing the X-Amz-Credential parameter; ${claimed.message}`,
      claimed.reason,
      extra,
    );
  }
  const { accessKeyId, scope } = claimed;
  checkAccessKeyId(accessKeyId);
  const signedHeaders = claims("X-Amz-SignedHeaders").split(";");
  if (!isSignedHeaderList(signedHeaders)) {
    const message = "X-Amz-SignedHeaders must be header names in lower case and ascending order.";
    throw malformed(message, "malformed_signed_headers");
  }
  const payloadHash = presignedPayloadHash(parts.headers, parameters);
  const payload = readPayloadDeclaration(payloadHash);
  if (payload.kind === "chunked") throw chunkedPresigned();
  const signature = claims("X-Amz-Signature");
  const token = parameters.find(([name]) => isSessionToken(name));
  const sessionToken = token?.[1] ?? parts.headers.get(sessionTokenHeader);
  const signed = parameters.filter(([name]) => name !== presignedParameters.signature);
  const signable = { ...parts, query: canonicalQuery(signed), signedHeaders, payloadHash };
  return {
    accessKeyId,
    via: "presigned",
    scope,
    amzDate,
    timeMs,
    expiresSeconds,
    signature,
    sessionToken,
    signable,
    payload,
  };
}

/** The parameters that sign, each of which must be there, once, in its own spelling. */
function readParameters(parameters: Parameters): (name: ParameterName) => string {
  const seen = new Set<string>();
  const values = new Map<string, string>();
  for (const [name, value] of parameters) {
    const lowerCase = name.toLowerCase();
    if (!lowerCase.startsWith("x-amz-")) continue;
    if (seen.has(lowerCase))
      throw malformed(`The parameter ${name} is repeated.`, "repeated_auth_parameter");
    seen.add(lowerCase);
    values.set(name, value);
  }
  for (const name of required) {
    if (!values.get(name)) {
      const message = `Query-string authentication version 4 requires the parameters ${required.join(", ")}.`;
      throw malformed(message, "missing_parameter");
    }
  }
  return (name) => values.get(name) ?? "";
}

function readExpires(text: string): number {
  if (!/^-?\d+$/.test(text))
    throw malformed("X-Amz-Expires should be a number.", "malformed_expires");
  const seconds = text.startsWith("-") ? -1 : Number(text);
  if (seconds < 0) throw malformed("X-Amz-Expires must be non-negative.", "negative_expires");
  if (seconds > presignedSecondsMax) {
    const message = `X-Amz-Expires must be at most a week, that is ${presignedSecondsMax} seconds.`;
    throw malformed(message, "expires_too_long");
  }
  return seconds;
}

/** Unsigned unless the signer said otherwise, in a header or in a parameter. */
export function presignedPayloadHash(headers: Signable["headers"], parameters: Parameters): string {
  const header = headers.get("x-amz-content-sha256");
  if (header !== undefined) return header;
  const parameter = parameters.find(([name]) => name.toLowerCase() === "x-amz-content-sha256");
  return parameter?.[1] ?? payloadModes.unsigned;
}

function malformed(
  message: string,
  reason: AuthFailureReason,
  extra: Readonly<Record<string, string>> = {},
): Error {
  return s3Error("AuthorizationQueryParametersError", undefined, { message, reason, extra });
}

function chunkedPresigned(): Error {
  return s3Error("InvalidRequest", undefined, {
    message: "A presigned request cannot have a STREAMING payload.",
    reason: "chunked_presigned" satisfies AuthFailureReason,
  });
}
