import type { ErrorCode } from "../errors/catalogue.ts";

interface AuthFailureRow {
  readonly meaning: string;
  /** Whose word it is: the proxy document's, or one of ours that it has none for. */
  readonly origin: "proxy-document" | "holdfast";
  /** What the client is told. */
  readonly codes: readonly ErrorCode[];
  /** Finer reasons that errors carry, each of which counts as this. */
  readonly details: readonly string[];
}

/** Why a request is not believed: the words that metrics and audit count by, and all that each stands for. */
export const authFailures = {
  unknown_access_key: {
    meaning: "There is no credential with this access key id.",
    origin: "proxy-document",
    codes: ["InvalidAccessKeyId"],
    details: ["malformed_access_key_id"],
  },
  bad_signature: {
    meaning: "The signature of the request, of a chunk or of the trailers is not the one computed.",
    origin: "proxy-document",
    codes: ["SignatureDoesNotMatch"],
    details: ["chunk_signature_mismatch"],
  },
  disabled: {
    meaning: "The credential, or the tenant that it belongs to, is disabled.",
    origin: "proxy-document",
    codes: ["InvalidAccessKeyId"],
    details: [],
  },
  expired: {
    meaning: "The time until which the credential holds has passed.",
    origin: "proxy-document",
    codes: ["AccessDenied", "ExpiredToken"],
    details: [],
  },
  bad_authorization_format: {
    meaning: "What signs the request does not have a form of Signature Version 4 that is served.",
    origin: "proxy-document",
    codes: [
      "AuthorizationHeaderMalformed",
      "AuthorizationQueryParametersError",
      "InvalidArgument",
      "InvalidRequest",
      "NotImplemented",
    ],
    details: [
      "chunked_presigned",
      "expires_too_long",
      "header_and_parameter",
      "malformed_component",
      "malformed_content_sha256",
      "malformed_expires",
      "malformed_signed_headers",
      "missing_component",
      "missing_header",
      "missing_parameter",
      "negative_expires",
      "repeated_auth_parameter",
      "repeated_component",
      "repeated_header",
      "signature_version_2",
      "sigv4a",
      "two_auth_mechanisms",
      "unknown_component",
      "unsupported_algorithm",
      "unsupported_auth_scheme",
    ],
  },
  bad_credential_field: {
    meaning: "The credential is not an access key id, a day, our region, `s3` and `aws4_request`.",
    origin: "proxy-document",
    codes: ["AuthorizationHeaderMalformed", "AuthorizationQueryParametersError"],
    details: [
      "malformed_credential",
      "malformed_credential_date",
      "scope_date_mismatch",
      "wrong_region",
      "wrong_service",
      "wrong_terminator",
    ],
  },
  bad_date: {
    meaning: "The date of the request is missing or malformed.",
    origin: "proxy-document",
    codes: ["AccessDenied", "AuthorizationQueryParametersError"],
    details: ["malformed_date", "missing_date"],
  },
  time_skew: {
    meaning: "The date of the request is too far from the server's.",
    origin: "proxy-document",
    codes: ["AccessDenied", "RequestTimeTooSkewed"],
    details: ["presigned_not_yet_valid"],
  },
  presigned_expired: {
    meaning: "The time for which the request was presigned has passed.",
    origin: "holdfast",
    codes: ["AccessDenied"],
    details: [],
  },
  unsigned_headers: {
    meaning: "Headers that must be signed are not, or signed ones were not sent.",
    origin: "holdfast",
    codes: ["AccessDenied"],
    details: ["signed_headers_not_sent"],
  },
  bad_session_token: {
    meaning: "The session token is missing, is not the credential's, or belongs to none.",
    origin: "holdfast",
    codes: ["InvalidToken"],
    details: ["missing_session_token", "unexpected_session_token"],
  },
} as const satisfies Readonly<Record<string, AuthFailureRow>>;

/** A word that failed authentications are counted by. */
export type AuthFailure = keyof typeof authFailures;

/** A reason that an error of authentication may carry. */
export type AuthFailureReason = AuthFailure | (typeof authFailures)[AuthFailure]["details"][number];

const words = new Map<string, AuthFailure>();
for (const word of Object.keys(authFailures)) {
  if (!isAuthFailure(word)) continue;
  for (const detail of [word, ...authFailures[word].details]) words.set(detail, word);
}

/** The word for an error's reason; undefined when it has nothing to do with who asks. */
export function authFailureOf(reason: string): AuthFailure | undefined {
  return words.get(reason);
}

function isAuthFailure(word: string): word is AuthFailure {
  return Object.hasOwn(authFailures, word);
}
