import { createPrivateKey, X509Certificate } from "node:crypto";

/** What a listener proves its name with, in PEM. */
export interface TlsIdentity {
  /** Its certificate, and behind it those that lead to one which clients trust. */
  readonly certificate: string;
  readonly key: string;
}

/** A handshake that is not done after this long, in milliseconds, is cut. */
const handshakeTimeout = 10_000;

/** The identity in the words of Node's servers; throws for one that nobody could shake hands with, which Node would take. */
export function tlsOptions({ certificate: cert, key }: TlsIdentity): {
  readonly cert: string;
  readonly key: string;
  readonly handshakeTimeout: number;
} {
  if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) {
    throw new RangeError("the key is not the one of the certificate");
  }
  return { cert, key, handshakeTimeout };
}
