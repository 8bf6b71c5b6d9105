import { parseQuery } from "../target.ts";
import {
  canonicalPath,
  canonicalQuery,
  canonicalRequest,
  type Signable,
} from "./canonical-request.ts";
import { ChunkChain } from "./chunk-chain.ts";
import { algorithm } from "./credential-scope.ts";
import { SigningKeys } from "./signing-keys.ts";
import { signingContext, type SigningOptions } from "./signing-options.ts";
import { signText, stringToSign } from "./string-to-sign.ts";

/** A request to be signed, as it will stand on the wire. */
export interface SignableRequest {
  readonly method: string;
  /** Path and query, percent-encoded. */
  readonly target: string;
  /** Must have `host`. All of them are signed. */
  readonly headers: Readonly<Record<string, string>>;
}

type Optional<Options, Name extends keyof Options> = Omit<Options, Name> &
  Partial<Pick<Options, Name>>;

/**
 * The headers to send, by lower-case name: those given, and with them `authorization`, `x-amz-date`
 * and `x-amz-content-sha256`. `payload` is a SHA-256 in hex, `UNSIGNED-PAYLOAD` or a streaming mode.
 */
export function signRequest(
  request: SignableRequest,
  options: Optional<SigningOptions, "keys"> & { readonly payload: string },
): Record<string, string> {
  const { credentials, keys = new SigningKeys(1), payload } = options;
  const { amzDate, scope } = signingContext(options);
  const headers = lowerCaseNames(request.headers);
  headers.delete("authorization");
  headers.set("x-amz-date", amzDate).set("x-amz-content-sha256", payload);
  if (credentials.sessionToken !== undefined) {
    headers.set("x-amz-security-token", credentials.sessionToken);
  }
  const signable = toSignable(request, { headers, payloadHash: payload });
  const text = stringToSign(canonicalRequest(signable), { amzDate, scope });
  const signature = signText(keys.derive(credentials.secretAccessKey, scope), text);
  const credential = `${credentials.accessKeyId}/${scope.text}`;
  const names = signable.signedHeaders.join(";");
  headers.set(
    "authorization",
    `${algorithm} Credential=${credential}, SignedHeaders=${names}, Signature=${signature}`,
  );
  const signed: Record<string, string> = {};
  for (const [name, value] of headers) signed[name] = value;
  return signed;
}

/** The chain for the chunks of a body whose request `signRequest` has signed with the same options. */
export function chunkChain(
  signed: Readonly<Record<string, string>>,
  options: Optional<SigningOptions, "keys">,
): ChunkChain {
  const { credentials, keys = new SigningKeys(1) } = options;
  const { amzDate, scope } = signingContext(options);
  const authorization = signed["authorization"] ?? "";
  const seed = authorization.slice(authorization.lastIndexOf("=") + 1);
  return new ChunkChain({
    key: keys.derive(credentials.secretAccessKey, scope),
    amzDate,
    scope,
    seed,
  });
}

/** The canonical parts of a request of which all headers are signed. */
export function toSignable(
  request: Pick<SignableRequest, "method" | "target">,
  options: { readonly headers: ReadonlyMap<string, string>; readonly payloadHash: string },
): Signable {
  const mark = request.target.indexOf("?");
  return {
    method: request.method,
    path: canonicalPath(mark === -1 ? request.target : request.target.slice(0, mark)),
    query: mark === -1 ? "" : canonicalQuery(parseQuery(request.target.slice(mark + 1))),
    ...options,
    signedHeaders: [...options.headers.keys()].toSorted(),
  };
}

/** Throws a TypeError for a name that stands there twice, a value no header may have, or no host. */
export function lowerCaseNames(headers: Readonly<Record<string, string>>): Map<string, string> {
  const byName = new Map<string, string>();
  for (const name in headers) {
    if (!Object.hasOwn(headers, name)) continue;
    const value = headers[name] ?? "";
    const lowerCase = name.toLowerCase();
    if (byName.has(lowerCase)) throw new TypeError(`the header ${lowerCase} is given twice`);
    // A character is signed as one byte, as node sends it: others would be signed as what they are not.
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) {
      throw new TypeError(`the header ${lowerCase} has a character that cannot be sent`);
    }
    byName.set(lowerCase, value);
  }
  if (!byName.has("host")) throw new TypeError("the host header is missing");
  return byName;
}
