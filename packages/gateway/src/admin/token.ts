import { createHash, timingSafeEqual } from "node:crypto";

/** What a listener keeps of its token, so that its memory holds nothing that opens it. */
export function adminTokenDigest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}

/** Whether an `Authorization` header presents the token of this digest; takes the same time whichever byte differs. */
export function presentsToken(authorization: string | undefined, digest: Buffer): boolean {
  const [, token] = /^Bearer +([A-Za-z0-9._~+/=-]{1,512})$/i.exec(authorization ?? "") ?? [];
  return token !== undefined && timingSafeEqual(adminTokenDigest(token), digest);
}
