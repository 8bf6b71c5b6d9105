import { quoteEtag, writeCondition } from "@holdfast/protocol";
import { admit, readDigests } from "../body/digests.ts";
import { formHeaders } from "../post/form-headers.ts";
import { formOf } from "../post/form-of.ts";
import { postedReply } from "../post/posted-reply.ts";
import { sizedFile } from "../post/sized-file.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { checksumHeaders, readMetadata } from "./metadata.ts";
import { refuseUnsupportedHeaders } from "./supported-headers.ts";

/** Stores the file of a form, if it is as its policy says; its size is known once it has ended. */
export const postObject: Handler = async (request, engine) => {
  const { bucket, key } = request;
  const { form, fileSizes } = formOf(request);
  const headers = formHeaders(form.fields);
  refuseUnsupportedHeaders(headers);
  const digests = readDigests(headers);
  const info = await engine.putObject({
    bucket,
    key,
    body: sizedFile(form.file(), fileSizes),
    size: undefined,
    metadata: readMetadata(headers),
    checksumAlgorithm: digests.algorithm ?? "CRC64NVME",
    precondition: writeCondition(conditionHeaders(request.headers), key),
    admit: (computed) => admit(digests, computed, new Map()),
  });
  const stored = { etag: quoteEtag(info.etag), ...checksumHeaders(info) };
  return postedReply(request, form.fields, stored);
};
