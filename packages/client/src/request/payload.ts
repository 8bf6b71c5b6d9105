import { payloadModes } from "@holdfast/protocol";
import { hash } from "node:crypto";

const emptySha256 = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

/**
 * What the signature says of the body. Over TLS nobody on the way can change it, and hashing it would only cost time;
 * over plain HTTP bytes at hand are signed. A source is read once, while it is sent, so it cannot be.
 */
export function payloadOf(
  body: Uint8Array | AsyncIterable<Uint8Array> | undefined,
  secure: boolean,
): string {
  if (body === undefined) return emptySha256;
  if (secure || !(body instanceof Uint8Array)) return payloadModes.unsigned;
  return body.byteLength === 0 ? emptySha256 : hash("sha256", body);
}
