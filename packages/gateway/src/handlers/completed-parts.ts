import type { CompletedPart } from "@holdfast/engine";
import {
  checksumAlgorithms,
  childText,
  decodeChecksum,
  s3Error,
  unquoteEtag,
  type XmlElement,
} from "@holdfast/protocol";
import { invalidArgument } from "./list-parameters.ts";

const partsMax = 10_000;

/** The parts that a completion names, in its order; `MalformedXML` for no document and no parts. */
export function readCompletedParts(document: XmlElement | undefined): CompletedPart[] {
  const parts = document?.name === "CompleteMultipartUpload" ? document.children : [];
  if (parts.length === 0 || parts.length > partsMax) throw s3Error("MalformedXML");
  return parts.map((part) => readPart(part));
}

function readPart(part: XmlElement): CompletedPart {
  const number = childText(part, "PartNumber")?.trim();
  const etag = childText(part, "ETag")?.trim();
  if (part.name !== "Part" || number === undefined || etag === undefined) {
    throw s3Error("MalformedXML");
  }
  const checksum = readPartChecksum(part);
  return {
    partNumber: readPartNumber(number),
    etag: unquoteEtag(etag),
    ...(checksum === undefined ? {} : { checksum }),
  };
}

function readPartNumber(text: string): number {
  const number = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (number >= 1 && number <= partsMax) return number;
  const message = `PartNumber must be an integer between 1 and ${partsMax}`;
  throw invalidArgument("PartNumber", text.slice(0, 32), message);
}

function readPartChecksum(part: XmlElement): CompletedPart["checksum"] {
  const found = checksumAlgorithms.flatMap((algorithm) => {
    const value = childText(part, `Checksum${algorithm}`)?.trim();
    return value === undefined ? [] : [{ algorithm, value }];
  });
  const [checksum] = found;
  if (checksum === undefined) return undefined;
  if (found.length > 1) throw s3Error("MalformedXML", undefined, { reason: "two_checksums" });
  decodeChecksum(checksum.algorithm, checksum.value);
  return checksum;
}
