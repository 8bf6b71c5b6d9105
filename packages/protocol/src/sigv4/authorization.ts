import { parseAmzDate, parseHttpDate, formatAmzDate } from "../dates.ts";
import { s3Error } from "../errors/s3-error.ts";
import { parseQuery } from "../target.ts";
import { checkAccessKeyId } from "./access-key-id.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import {
  canonicalPath,
  canonicalQuery,
  type RequestLine,
  type Signable,
} from "./canonical-request.ts";
import { algorithm, readCredential } from "./credential-scope.ts";
import { readHeaders, repeatedHeader, type Headers } from "./headers.ts";
import { readPayloadDeclaration } from "./payload-declaration.ts";
import type { Presented } from "./presented.ts";
import { asHeaderValue, claimsToSign, isPresigned, readPresigned } from "./presigned.ts";
import { signatureVersion2 } from "./signature-version-2.ts";
import { isSessionToken, sessionTokenHeader } from "./session-token.ts";
import { isSignedHeaderList } from "./signed-header-list.ts";

interface Components {
  readonly credential: string;
  readonly signedHeaders: readonly string[];
  readonly signature: string;
}

/**
 * What a request claims, read but not believed. Format errors throw. Undefined when there are no
 * credentials at all: an anonymous request.
 */
export function readAuthorization(
  request: RequestLine,
  options: { readonly region: string },
): Presented | undefined {
  const headers = readHeaders(request.rawHeaders);
  const { target } = request;
  const mark = target.indexOf("?");
  const query = mark === -1 ? [] : parseQuery(target.slice(mark + 1));
  const authorization = headers.values.get("authorization");
  const presigned = isPresigned(query);
  if (authorization === undefined && !presigned) return undefined;
  if (authorization !== undefined && presigned) throw twoMechanisms();
  refuseDoubleMeaning(query, headers, presigned);
  if (!presigned && query.some(([name]) => isSessionToken(name))) throw tokenElsewhere();
  if (!headers.values.has("host")) throw missingHeader("host");
  const { method } = request;
  const { values } = headers;
  const path = canonicalPath(mark === -1 ? target : target.slice(0, mark));
  const { region } = options;
  const presented =
    authorization === undefined
      ? readPresigned({ method, path, headers: values, parameters: query }, options)
      : readHeader(
          { method, path, headers: values, query: canonicalQuery(query) },
          { region, authorization },
        );
  if (presented.signable.signedHeaders.some((name) => headers.repeated.has(name))) {
    throw repeatedHeader();
  }
  return presented;
}

function readHeader(
  parts: Pick<Signable, "method" | "path" | "query" | "headers">,
  options: { readonly region: string; readonly authorization: string },
): Presented {
  const { method, path, query, headers } = parts;
  const { credential, signedHeaders, signature } = readComponents(options.authorization);
  const { amzDate, timeMs } = readDate(headers, signedHeaders);
  const claimed = readCredential(credential, { region: options.region, amzDate });
  if ("reason" in claimed) {
    const extra = claimed.region === undefined ? {} : { Region: claimed.region };
    throw malformed(claimed.message, { reason: claimed.reason, extra });
  }
  const { accessKeyId, scope } = claimed;
  checkAccessKeyId(accessKeyId);
  const payloadHash = headers.get("x-amz-content-sha256");
  if (payloadHash === undefined) throw missingHeader("x-amz-content-sha256");
  const payload = readPayloadDeclaration(payloadHash);
  const signable = { method, path, query, headers, signedHeaders, payloadHash };
  const sessionToken = headers.get(sessionTokenHeader);
  return {
    accessKeyId,
    via: "header",
    scope,
    amzDate,
    timeMs,
    expiresSeconds: undefined,
    signature,
    sessionToken,
    signable,
    payload,
  };
}

/** As every SDK writes it. Anything else is read piece by piece, for its fault to be named. */
const usualForm =
  /^AWS4-HMAC-SHA256 Credential=([^,\s]+), ?SignedHeaders=([^,\s]+), ?Signature=([^,\s]+)$/;

function readComponents(authorization: string): Components {
  const usual = usualForm.exec(authorization);
  if (usual === null) return readUnusualComponents(authorization);
  const [, credential = "", signedHeaders = "", signature = ""] = usual;
  return { credential, signedHeaders: readSignedHeaders(signedHeaders), signature };
}

function readSignedHeaders(list: string): readonly string[] {
  const names = list.split(";");
  if (isSignedHeaderList(names)) return names;
  const message = "SignedHeaders must be header names in lower case and ascending order.";
  throw malformed(message, { reason: "malformed_signed_headers" });
}

function readUnusualComponents(authorization: string): Components {
  const space = authorization.indexOf(" ");
  const scheme = space === -1 ? authorization : authorization.slice(0, space);
  if (scheme === "AWS") throw signatureVersion2();
  if (scheme !== algorithm || space === -1) throw unsupportedScheme();
  const components = new Map<string, string>();
  for (const piece of authorization.slice(space + 1).split(",", 4)) {
    const equals = piece.indexOf("=");
    if (equals === -1)
      throw malformed("a component has no '='.", { reason: "malformed_component" });
    const name = piece.slice(0, equals).trim();
    if (components.has(name))
      throw malformed("a component is repeated.", { reason: "repeated_component" });
    components.set(name, piece.slice(equals + 1).trim());
  }
  const take = (name: string): string => {
    const value = components.get(name);
    if (!value)
      throw malformed(`the component ${name} is missing.`, { reason: "missing_component" });
    return value;
  };
  const credential = take("Credential");
  const signedHeaders = take("SignedHeaders");
  const signature = take("Signature");
  if (components.size !== 3)
    throw malformed("a component is unknown.", { reason: "unknown_component" });
  return { credential, signedHeaders: readSignedHeaders(signedHeaders), signature };
}

/** `x-amz-date`, or `Date` where that is signed: an unsigned date would be good for ever. */
function readDate(
  headers: ReadonlyMap<string, string>,
  signedHeaders: readonly string[],
): { readonly amzDate: string; readonly timeMs: number } {
  const amzDate = headers.get("x-amz-date");
  const date = amzDate ?? (signedHeaders.includes("date") ? headers.get("date") : undefined);
  const amzTimeMs = date === undefined ? undefined : parseAmzDate(date);
  if (date !== undefined && amzTimeMs !== undefined) return { amzDate: date, timeMs: amzTimeMs };
  const timeMs = date === undefined || amzDate !== undefined ? undefined : parseHttpDate(date, 0);
  if (timeMs !== undefined) return { amzDate: formatAmzDate(timeMs), timeMs };
  throw s3Error("AccessDenied", undefined, {
    message: "AWS authentication requires a valid Date or x-amz-date header.",
    reason: "missing_date" satisfies AuthFailureReason,
  });
}

/** One name as header and as parameter: each half of the server could believe another one. */
function refuseDoubleMeaning(
  query: readonly (readonly [string, string])[],
  headers: Headers,
  presigned: boolean,
): void {
  for (const [name, value] of query) {
    const header = name.toLowerCase();
    if (!header.startsWith("x-amz-")) continue;
    const standing = headers.values.get(header);
    if (standing === undefined) continue;
    // In a presigned request such a parameter is a header, so of one value it is one header.
    if (presigned && !isOfSignature(header) && standing === asHeaderValue(value)) continue;
    throw s3Error("InvalidRequest", undefined, {
      message: "An x-amz- name was sent both as a header and as a query parameter.",
      reason: "header_and_parameter" satisfies AuthFailureReason,
    });
  }
}

/** What the verifier reads itself, from one place or the other. */
function isOfSignature(name: string): boolean {
  return claimsToSign(name) || isSessionToken(name) || name === "x-amz-content-sha256";
}

function malformed(
  fault: string,
  options: {
    readonly reason: AuthFailureReason;
    readonly extra?: Readonly<Record<string, string>>;
  },
): Error {
  const message = `The authorization header is malformed; ${fault}`;
  return s3Error("AuthorizationHeaderMalformed", undefined, { message, ...options });
}

function twoMechanisms(): Error {
  return s3Error("InvalidArgument", undefined, {
    message: "A request is signed either in its Authorization header or in its query, not in both.",
    extra: { ArgumentName: "Authorization", ArgumentValue: "***" },
    reason: "two_auth_mechanisms" satisfies AuthFailureReason,
  });
}

function unsupportedScheme(): Error {
  return s3Error("InvalidArgument", undefined, {
    message: "Unsupported Authorization Type",
    extra: { ArgumentName: "Authorization", ArgumentValue: "***" },
    reason: "unsupported_auth_scheme" satisfies AuthFailureReason,
  });
}

/** A token that the verifier of the header would not see must not be one that an upstream sees. */
function tokenElsewhere(): Error {
  return s3Error("InvalidToken", undefined, {
    message: "The session token of a request that is signed in its header belongs in its headers.",
    reason: "unexpected_session_token" satisfies AuthFailureReason,
  });
}

function missingHeader(name: string): Error {
  return s3Error("InvalidRequest", undefined, {
    message: `Missing required header for this request: ${name}`,
    reason: "missing_header" satisfies AuthFailureReason,
  });
}
