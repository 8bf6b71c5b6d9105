import { hash } from "node:crypto";
import { readXml, renderResult, s3Error, type XmlField } from "@holdfast/protocol";
import { readDocumentBytes } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { describeFailure, readDeletions, type Deletions } from "../handlers/delete-objects.ts";
import { noBody, wholeBody, type OutgoingBody } from "./outgoing-body.ts";

/** As many as `readDocument` takes. */
const nodesMax = 50_000;

/**
 * The deletions that are granted and can be had. The others are refused one by one, as the engine's are; without a body where
 * there are only those.
 */
export async function prepareDeletions(request: Authorized): Promise<OutgoingBody> {
  const bytes = await readDocumentBytes(request, { digestRequired: true });
  if (bytes.length === 0) throw s3Error("MissingRequestBodyError");
  const asked = readDeletions(readXml(bytes, { bytesMax: bytes.length, nodesMax }), request);
  const refused = asked.deletions.flatMap(({ key, refused: why }) =>
    why === undefined ? [] : [describeFailure(key, why)],
  );
  if (refused.length === asked.deletions.length) return { ...noBody, refused };
  const isRewritten = refused.length > 0;
  const sent = isRewritten ? Buffer.from(granted(asked)) : bytes;
  const whole = wholeBody(sent);
  // Servers that do not know the checksum which the client chose ask for the MD5.
  const headers = { "content-md5": hash("md5", sent, "base64") };
  return { ...whole, headers, refused, isRewritten };
}

function granted({ deletions, isQuiet }: Deletions): string {
  const objects = deletions
    .filter(({ refused }) => refused === undefined)
    .map(({ key, ifMatch }): XmlField => [
      "Object",
      [
        ["Key", key],
        ["ETag", ifMatch],
      ],
    ]);
  return renderResult("Delete", [["Quiet", isQuiet], ...objects]);
}
