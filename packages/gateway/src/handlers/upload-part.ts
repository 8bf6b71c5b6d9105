import { quoteEtag } from "@holdfast/protocol";
import { admit, readDigests } from "../body/digests.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders } from "./metadata.ts";
import { parsePartNumber } from "./part-number.ts";
import { openUpload } from "./upload-body.ts";
import { uploadRef } from "./upload-ref.ts";

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
