import { operations, renderResult, s3Error } from "@holdfast/protocol";
import { readDigests } from "../body/digests.ts";
import { readDocumentBytes } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { checkBucketConfiguration } from "../handlers/create-bucket.ts";
import { locationOf } from "../handlers/get-bucket-location.ts";
import { storedEncoding } from "../handlers/metadata.ts";
import { openUpload } from "../handlers/upload-body.ts";
import { prepareDeletions } from "./deletions.ts";
import { noBody, StreamedBody, wholeBody, type OutgoingBody } from "./outgoing-body.ts";
import { gatherVerified } from "./verified-body.ts";

/** What of an upstream decides how a body travels. */
export interface BodyTerms {
  readonly region: string;
  readonly isSecure: boolean;
  readonly takesTrailers: boolean;
}

/** Bodies up to this size are verified before the upstream hears of them, and can be sent again. */
const wholeBytesMax = 64 * 1024;

/** Makes ready what goes to the upstream. Of a large body nothing is taken off the wire yet. */
export async function prepareBody(request: Authorized, terms: BodyTerms): Promise<OutgoingBody> {
  const { operation } = request;
  switch (operations[operation].body) {
    case "none":
      return noBody;
    case "object":
      return prepareObject(request, terms);
    case "xml":
      return operation === "CreateBucket"
        ? prepareConfiguration(request, terms)
        : prepareDocument(request);
  }
}

async function prepareObject(
  request: Authorized,
  { isSecure, takesTrailers }: BodyTerms,
): Promise<OutgoingBody> {
  const { headers, payload } = request;
  const digests = readDigests(headers);
  const source = openUpload(request);
  const { size, trailers } = source;
  // Who waits to be told to send its body is not told before the upstream's connection is there.
  if (size === 0 || (size <= wholeBytesMax && headers.expect === undefined)) {
    const whole = wholeBody(await gatherVerified(source, digests));
    return trailers.size === 0 ? whole : { ...whole, headers: Object.fromEntries(trailers) };
  }
  const sha256 = payload.kind === "hashed" ? payload.sha256 : undefined;
  const contentEncoding = storedEncoding(headers["content-encoding"]) || undefined;
  return new StreamedBody(source, { digests, sha256, isSecure, takesTrailers, contentEncoding });
}

async function prepareDocument(request: Authorized): Promise<OutgoingBody> {
  if (request.operation === "DeleteObjects") return prepareDeletions(request);
  const bytes = await readDocumentBytes(request, { checksumIsOfObject: true });
  if (bytes.length === 0) throw s3Error("MalformedXML");
  return wholeBody(bytes);
}

/** The upstream has a region of its own: what the client says of ours is checked, and not passed on. */
async function prepareConfiguration(
  request: Authorized,
  { region }: BodyTerms,
): Promise<OutgoingBody> {
  await checkBucketConfiguration(request);
  const location = locationOf(region);
  if (location === undefined) return { ...noBody, isRewritten: true };
  const fields = [["LocationConstraint", location]] as const;
  const document = Buffer.from(renderResult("CreateBucketConfiguration", fields));
  return { ...wholeBody(document), isRewritten: true };
}
