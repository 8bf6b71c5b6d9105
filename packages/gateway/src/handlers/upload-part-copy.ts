import {
  copySourceCondition,
  formatIsoDate,
  parseCopyRange,
  quoteEtag,
  renderResult,
} from "@holdfast/protocol";
import { checksumElements } from "./checksum-elements.ts";
import { copySourceHeaders } from "./condition-headers.ts";
import { tooLargeToCopy, unversioned } from "./copy-source.ts";
import type { Handler } from "./handler.ts";
import { parsePartNumber } from "./part-number.ts";
import { uploadBytesMax } from "./upload-body.ts";
import { uploadRef } from "./upload-ref.ts";
import { xmlReply } from "./xml-reply.ts";

/** Stores one part from the bytes of an object, or of a range of it. */
export const uploadPartCopy: Handler = async (request, engine) => {
  const { headers, query } = request;
  const partNumber = parsePartNumber(query.get("partNumber") ?? "");
  const rangeHeader = headers["x-amz-copy-source-range"];
  const source = unversioned(request.copyOrigin);
  const object = await engine.openObject(source.bucket, source.key);
  try {
    copySourceCondition(copySourceHeaders(headers), request.receivedAt)(object.info);
    const range =
      rangeHeader === undefined ? undefined : parseCopyRange(String(rangeHeader), object.info.size);
    const size = range === undefined ? object.info.size : range.end - range.start + 1;
    if (size > uploadBytesMax) throw tooLargeToCopy();
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
