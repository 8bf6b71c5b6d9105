import { formatIsoDate } from "../dates.ts";
import { s3Error } from "../errors/s3-error.ts";
import type { AuthFailureReason } from "./auth-failures.ts";
import { canonicalRequest } from "./canonical-request.ts";
import { ChunkChain } from "./chunk-chain.ts";
import { ChunkVerifier } from "./chunk-verifier.ts";
import { credentialScope } from "./credential-scope.ts";
import type { Presented } from "./presented.ts";
import { checkSessionToken } from "./check-session-token.ts";
import { sessionTokenHeader, withoutToken } from "./session-token.ts";
import type { SigningKeys } from "./signing-keys.ts";
import { isSameSignature, signText, stringToSign } from "./string-to-sign.ts";

/** A request that was made by the holder of the secret. */
export interface Verified {
  readonly accessKeyId: string;
  readonly via: "header" | "presigned";
  readonly payload: PayloadMode;
}

/** How the body of a verified request is bound to its signature. */
export type PayloadMode =
  /** Lower-case hex of what the body must hash to. */
  | { readonly kind: "hashed"; readonly sha256: string }
  | { readonly kind: "unsigned" }
  | { readonly kind: "chunked"; readonly signer?: ChunkVerifier; readonly trailer: boolean };

const skewMsMax = 15 * 60 * 1000;
/** No credential has it: it only makes an unknown key cost what a known one does. */
const dummySecret = "no credential has this secret";
/** Signed headers that carry a secret of their own, which no error may show. */
const secretHeaders: ReadonlySet<string> = new Set([
  "cookie",
  "proxy-authorization",
  "x-amz-copy-source-server-side-encryption-customer-key",
  sessionTokenHeader,
  "x-amz-server-side-encryption-customer-key",
]);

/**
 * Believes a request or throws, in S3's order: `InvalidAccessKeyId` when the secret is undefined,
 * `RequestTimeTooSkewed` or `AccessDenied` for its time (`now` is in milliseconds since 1970),
 * `AccessDenied` for headers left unsigned, `SignatureDoesNotMatch`, and only to who holds the secret
 * `InvalidToken` unless the session token is the credential's.
 */
export function verify(
  presented: Presented,
  options: {
    readonly secret: string | undefined;
    /** Of a temporary credential. */
    readonly sessionToken?: string | undefined;
    readonly now: number;
    readonly keys: SigningKeys;
  },
): Verified {
  const { accessKeyId, via, signable, signature, scope } = presented;
  const { secret, now, keys } = options;
  if (secret === undefined) throw unknownKey(presented, now, keys);
  checkTime(presented, now);
  checkSignedHeaders(presented);
  const canonical = canonicalRequest(signable);
  const text = stringToSign(canonical, presented);
  const key = keys.derive(secret, scope);
  if (!isSameSignature(signText(key, text), signature)) {
    throw signatureMismatch(presented, { text, canonical });
  }
  checkSessionToken(presented.sessionToken, options.sessionToken);
  return { accessKeyId, via, payload: payloadMode(presented, key) };
}

function payloadMode(presented: Presented, key: Buffer): PayloadMode {
  const { payload, amzDate, scope, signature, accessKeyId } = presented;
  if (payload.kind !== "chunked") return payload;
  const { kind, signed, trailer } = payload;
  if (!signed) return { kind, trailer };
  const chain = new ChunkChain({ key, amzDate, scope, seed: signature });
  return { kind, trailer, signer: new ChunkVerifier(chain, accessKeyId) };
}

function unknownKey(presented: Presented, now: number, keys: SigningKeys): Error {
  const { accessKeyId, scope, signable, signature } = presented;
  const text = stringToSign(canonicalRequest(signable), presented);
  // Of today, whatever was presented: strangers must not fill the cache with days of their choice.
  const today = formatIsoDate(now).slice(0, 10).replaceAll("-", "");
  const key = keys.derive(dummySecret, credentialScope(today, scope.region));
  isSameSignature(signText(key, text), signature);
  return s3Error(
    "InvalidAccessKeyId",
    { AWSAccessKeyId: accessKeyId },
    { reason: "unknown_access_key" satisfies AuthFailureReason },
  );
}

function checkTime({ timeMs, amzDate, expiresSeconds }: Presented, now: number): void {
  if (expiresSeconds === undefined) {
    if (Math.abs(now - timeMs) <= skewMsMax) return;
    throw s3Error(
      "RequestTimeTooSkewed",
      {
        RequestTime: amzDate,
        ServerTime: formatIsoDate(now),
        MaxAllowedSkewMilliseconds: String(skewMsMax),
      },
      { reason: "time_skew" satisfies AuthFailureReason },
    );
  }
  if (timeMs - now > skewMsMax) {
    throw s3Error("AccessDenied", undefined, {
      message: "Request is not valid yet.",
      extra: { ServerTime: formatIsoDate(now), "X-Amz-Date": amzDate },
      reason: "presigned_not_yet_valid" satisfies AuthFailureReason,
    });
  }
  const expiresMs = timeMs + expiresSeconds * 1000;
  if (now <= expiresMs) return;
  throw s3Error("AccessDenied", undefined, {
    message: "Request has expired.",
    extra: {
      "X-Amz-Expires": String(expiresSeconds),
      Expires: formatIsoDate(expiresMs),
      ServerTime: formatIsoDate(now),
    },
    reason: "presigned_expired" satisfies AuthFailureReason,
  });
}

/** Every header that can change what S3 does must be covered, or it could be added by anyone. */
function checkSignedHeaders({ signable }: Presented): void {
  const { headers, signedHeaders } = signable;
  const signed = new Set(signedHeaders);
  const unsigned: string[] = signed.has("host") ? [] : ["host"];
  for (const name of headers.keys()) {
    if (name.startsWith("x-amz-") && !signed.has(name)) unsigned.push(name);
  }
  if (unsigned.length > 0) {
    throw s3Error("AccessDenied", undefined, {
      message: "There were headers present in the request which were not signed",
      extra: { HeadersNotSigned: unsigned.toSorted().join(", ") },
      reason: "unsigned_headers" satisfies AuthFailureReason,
    });
  }
  const missing = signedHeaders.filter((name) => !headers.has(name));
  if (missing.length === 0) return;
  throw s3Error("AccessDenied", undefined, {
    message: "There were signed headers which were not present in the request",
    extra: { HeadersNotSent: missing.join(", ") },
    reason: "signed_headers_not_sent" satisfies AuthFailureReason,
  });
}

function signatureMismatch(
  { accessKeyId, signature, sessionToken, signable }: Presented,
  computed: { readonly text: string; readonly canonical: string },
): Error {
  const { text } = computed;
  const hasSecret =
    sessionToken !== undefined || signable.signedHeaders.some((name) => secretHeaders.has(name));
  const canonical = hasSecret
    ? canonicalRequest(withoutToken(signable), secretHeaders)
    : computed.canonical;
  return s3Error(
    "SignatureDoesNotMatch",
    { AWSAccessKeyId: accessKeyId, StringToSign: text, SignatureProvided: signature },
    {
      reason: "bad_signature" satisfies AuthFailureReason,
      extra: {
        StringToSignBytes: toSpacedHex(text),
        CanonicalRequest: canonical,
        CanonicalRequestBytes: toSpacedHex(canonical),
      },
    },
  );
}

/** The two digits of each byte. */
const digits = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)).toString("hex");
const high = Buffer.from(digits.replaceAll(/(.)./g, "$1"));
const low = Buffer.from(digits.replaceAll(/.(.)/g, "$1"));

/** Room for what a request of 16 KiB of headers comes to. */
const scratch = Buffer.alloc(96 * 1024);

/** The bytes of a string of Latin-1, as S3 shows them: `41 57 53`. Refusals must stay cheap. */
function toSpacedHex(text: string): string {
  const { length } = text;
  const shown = length * 3 <= scratch.length ? scratch : Buffer.alloc(length * 3);
  // Behind the digits that it becomes, so that it is read before they reach it.
  shown.write(text, length * 2, "latin1");
  for (let index = 0; index < length; index += 1) {
    const byte = shown[length * 2 + index] ?? 0;
    shown[index * 3] = high[byte] ?? 0;
    shown[index * 3 + 1] = low[byte] ?? 0;
    shown[index * 3 + 2] = 0x20;
  }
  return shown.toString("latin1", 0, Math.max(0, length * 3 - 1));
}
