import {
  copySourceCondition,
  formatIsoDate,
  parseCopyRange,
  quoteEtag,
  renderResult,
} from "@holdfast/protocol";
import { admit, readDigests } from "../body/digests.ts";
import { readCopySource } from "./copy-object.ts";
import { copySourceHeaders } from "./condition-headers.ts";
import { checksumElements } from "./checksum-elements.ts";
import { parsePartNumber } from "./get-object.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders } from "./metadata.ts";
import { openUpload } from "./put-object.ts";
import { uploadRef } from "./uploads.ts";
import { xmlReply } from "./xml-reply.ts";

/** Stores one part; the same number again replaces it. */
export const uploadPart: Handler = async (request, engine) => {
  const partNumber = parsePartNumber(request.query.get("partNumber") ?? "");
  const digests = readDigests(request.headers);
  const { body, size, trailers } = openUpload(request);
  const ref = uploadRef(request);
  // Before the first byte: a client that waits for 100-continue never sends the rest.
  await engine.listParts(ref, { after: 0, limit: 0 });
  const part = await engine.putPart({
    ...ref,
    partNumber,
    body,
    size,
    ...(digests.algorithm === undefined ? {} : { checksumAlgorithm: digests.algorithm }),
    admit: (computed) => admit(digests, computed, trailers),
  });
  const [checksum] = Object.entries(checksumHeaders(part));
  return {
    status: 200,
    headers: {
      etag: quoteEtag(part.etag),
      ...(checksum === undefined ? {} : { [checksum[0]]: checksum[1] }),
    },
  };
};

/** Stores one part from the bytes of an object, or of a range of it. */
export const uploadPartCopy: Handler = async (request, engine) => {
  const { headers, query } = request;
  const partNumber = parsePartNumber(query.get("partNumber") ?? "");
  const rangeHeader = headers["x-amz-copy-source-range"];
  const source = readCopySource(request);
  const object = await engine.openObject(source.bucket, source.key);
  try {
    copySourceCondition(copySourceHeaders(headers), request.receivedAt)(object.info);
    const range =
      rangeHeader === undefined ? undefined : parseCopyRange(String(rangeHeader), object.info.size);
    const size = range === undefined ? object.info.size : range.end - range.start + 1;
    const body = object.read(range);
    const part = await engine.putPart({ ...uploadRef(request), partNumber, body, size });
    return xmlReply(
      renderResult("CopyPartResult", [
        ["LastModified", formatIsoDate(part.lastModified)],
        ["ETag", quoteEtag(part.etag)],
        ...checksumElements(part).slice(0, 1),
      ]),
    );
  } finally {
    await object.close();
  }
};
