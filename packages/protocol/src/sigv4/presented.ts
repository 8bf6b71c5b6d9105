import type { Signable } from "./canonical-request.ts";
import type { CredentialScope } from "./credential-scope.ts";
import type { PayloadDeclaration } from "./payload-declaration.ts";

/** What a request claims of itself, sound in form and not yet believed. */
export interface Presented {
  /** Matches `[A-Za-z0-9._-]{3,128}`. */
  readonly accessKeyId: string;
  readonly via: "header" | "presigned";
  readonly scope: CredentialScope;
  /** As it stands in the string to sign, `20130524T000000Z`. */
  readonly amzDate: string;
  /** The same, in milliseconds since 1970. */
  readonly timeMs: number;
  /** How long a presigned request holds; undefined for one that is signed in its header. */
  readonly expiresSeconds: number | undefined;
  readonly signature: string;
  /** Of a temporary credential, a secret beside the one that signs. */
  readonly sessionToken: string | undefined;
  readonly signable: Signable;
  readonly payload: PayloadDeclaration;
}
