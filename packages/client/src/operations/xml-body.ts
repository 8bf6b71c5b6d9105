import { createHash } from "node:crypto";
import { checksumHeader, createChecksum, type PortableChecksumAlgorithm } from "@holdfast/protocol";
import type { ReplayableBody } from "../bodies/request-body.ts";
import type { RequestHeaders } from "./header-table.ts";

/** How a document proves to the service that it arrived whole. */
export interface IntegrityInput {
  /** Its checksum of this algorithm is sent instead of Content-MD5, which every service understands. */
  readonly checksumAlgorithm?: PortableChecksumAlgorithm | undefined;
}

/** A document as a request's body; sets the headers that say what it is and prove that it is whole. */
export function documentBody(
  text: string,
  { checksumAlgorithm }: IntegrityInput,
  headers: RequestHeaders,
): ReplayableBody {
  const bytes = Buffer.from(text);
  headers["content-type"] ??= "application/xml";
  if (checksumAlgorithm === undefined) {
    headers["content-md5"] = createHash("md5").update(bytes).digest("base64");
  } else {
    const checksum = createChecksum(checksumAlgorithm);
    checksum.update(bytes);
    headers[checksumHeader(checksumAlgorithm)] = checksum.digest().toString("base64");
  }
  return { length: bytes.byteLength, replayable: true, open: () => bytes };
}
