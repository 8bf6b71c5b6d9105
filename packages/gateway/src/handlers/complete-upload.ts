import type { CompletedPart } from "@holdfast/engine";
import {
  checksumAlgorithms,
  checksumHeader,
  decodeChecksum,
  quoteEtag,
  renderResult,
  s3Error,
  unquoteEtag,
  writeCondition,
  type XmlElement,
} from "@holdfast/protocol";
import { readDocument } from "../body/read-document.ts";
import type { Authorized } from "../context.ts";
import { checksumElements } from "./checksum-elements.ts";
import { conditionHeaders } from "./condition-headers.ts";
import type { Handler } from "./handler.ts";
import { readChecksumType, uploadRef } from "./uploads.ts";
import { xmlReply } from "./xml-reply.ts";

const partsMax = 10_000;

/** Makes the object from its parts, or leaves everything as it was. */
export const completeMultipartUpload: Handler = async (request, engine) => {
  const { headers, bucket, key } = request;
  const document = await readDocument(request, { checksumIsOfObject: true });
  const parts = readParts(document);
  const size = readObjectSize(headers["x-amz-mp-object-size"]);
  const type = readChecksumType(headers["x-amz-checksum-type"]);
  const checksum = readObjectChecksum(request);
  const info = await engine.completeUpload({
    ...uploadRef(request),
    parts,
    precondition: writeCondition(conditionHeaders(headers), key),
    ...(checksum === undefined ? {} : { checksum }),
    ...(type === undefined ? {} : { checksumType: type }),
    ...(size === undefined ? {} : { size }),
  });
  return xmlReply(
    renderResult("CompleteMultipartUploadResult", [
      ["Location", `http://${headers.host ?? ""}/${bucket}/${encodeURI(key)}`],
      ["Bucket", bucket],
      ["Key", key],
      ["ETag", quoteEtag(info.etag)],
      ...checksumElements(info),
    ]),
  );
};

function readParts(document: XmlElement | undefined): CompletedPart[] {
  if (document === undefined) throw s3Error("MissingRequestBodyError");
  const parts = document.children;
  if (document.name !== "CompleteMultipartUpload") throw s3Error("MalformedXML");
  if (parts.length === 0 || parts.length > partsMax) throw s3Error("MalformedXML");
  return parts.map((part) => readPart(part));
}

function readPart(part: XmlElement): CompletedPart {
  const fields = new Map(part.children.map(({ name, text }) => [name, text.trim()]));
  const number = fields.get("PartNumber");
  const etag = fields.get("ETag");
  if (part.name !== "Part" || number === undefined || etag === undefined)
    throw s3Error("MalformedXML");
  if (!/^\d{1,5}$/.test(number)) {
    throw s3Error("InvalidArgument", undefined, {
      message: "PartNumber must be >= 1",
      extra: { ArgumentName: "PartNumber", ArgumentValue: number.slice(0, 32) },
    });
  }
  const algorithm = checksumAlgorithms.find((name) => fields.has(`Checksum${name}`));
  const partNumber = Number(number);
  if (algorithm === undefined) return { partNumber, etag: unquoteEtag(etag) };
  const value = fields.get(`Checksum${algorithm}`) ?? "";
  const checksum = { algorithm, value: decodeChecksum(algorithm, value).toString("base64") };
  return { partNumber, etag: unquoteEtag(etag), checksum };
}

function readObjectSize(value: string | string[] | undefined): number | undefined {
  if (value === undefined) return undefined;
  if (typeof value === "string" && /^\d{1,15}$/.test(value)) return Number(value);
  throw s3Error("InvalidRequest", undefined, {
    message: "Value for x-amz-mp-object-size header is invalid.",
  });
}

/** Here the checksum headers speak of the finished object, not of the document that was sent. */
function readObjectChecksum({ headers }: Authorized): CompleteChecksum | undefined {
  const algorithm = checksumAlgorithms.find((name) => headers[checksumHeader(name)] !== undefined);
  if (algorithm === undefined) return undefined;
  return { algorithm, value: String(headers[checksumHeader(algorithm)]) };
}

type CompleteChecksum = NonNullable<
  Parameters<Parameters<Handler>[1]["completeUpload"]>[0]["checksum"]
>;
