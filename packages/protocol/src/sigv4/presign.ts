import { parseQuery } from "../target.ts";
import { canonicalRequest, uriEncode } from "./canonical-request.ts";
import { algorithm } from "./credential-scope.ts";
import { presignedParameters, presignedPayloadHash } from "./presigned.ts";
import { lowerCaseNames, toSignable, type SignableRequest } from "./sign.ts";
import { SigningKeys } from "./signing-keys.ts";
import { signingContext, type SigningCredentials } from "./signing-options.ts";
import { signText, stringToSign } from "./string-to-sign.ts";

/** What a presigned request needs beside the request. */
export interface PresignOptions {
  readonly credentials: SigningCredentials;
  readonly region: string;
  /** Milliseconds since 1970; the request holds from here on. */
  readonly now: number;
  /** Up to 604,800: seven days. */
  readonly expiresSeconds: number;
  readonly keys?: SigningKeys;
}

/** The target, signed in its query; whoever sends it must send the headers given, `host` among them. */
export function presign(request: SignableRequest, options: PresignOptions): string {
  const { credentials, keys = new SigningKeys(1), expiresSeconds } = options;
  const { amzDate, scope } = signingContext(options);
  const headers = lowerCaseNames(request.headers);
  const parameters: [string, string][] = [
    [presignedParameters.algorithm, algorithm],
    [presignedParameters.credential, `${credentials.accessKeyId}/${scope.text}`],
    [presignedParameters.date, amzDate],
    [presignedParameters.expires, String(expiresSeconds)],
    [presignedParameters.signedHeaders, [...headers.keys()].toSorted().join(";")],
  ];
  if (credentials.sessionToken !== undefined) {
    parameters.push(["X-Amz-Security-Token", credentials.sessionToken]);
  }
  const added = parameters.map(([name, value]) => `${name}=${uriEncode(value)}`).join("&");
  const target = `${request.target}${request.target.includes("?") ? "&" : "?"}${added}`;
  const payloadHash = presignedPayloadHash(
    headers,
    parseQuery(target.slice(target.indexOf("?") + 1)),
  );
  const signable = toSignable({ method: request.method, target }, { headers, payloadHash });
  const text = stringToSign(canonicalRequest(signable), { amzDate, scope });
  const signature = signText(keys.derive(credentials.secretAccessKey, scope), text);
  return `${target}&${presignedParameters.signature}=${signature}`;
}
