import {
  childrenNamed,
  childText,
  readXml,
  renderResult,
  S3Error,
  type OperationName,
  type XmlElement,
  type XmlField,
} from "@holdfast/protocol";
import type { Authorized } from "../context.ts";
import { objectUrl } from "../handlers/object-url.ts";
import { owner } from "../handlers/owner.ts";
import { badGateway } from "./upstream-errors.ts";

/** 1000 objects with all that S3 says of one, and their owners. */
const limits = { bytesMax: 8 * 1024 * 1024, nodesMax: 50_000 };

/** The root of each operation's document; those that are not here have none. */
const roots: Readonly<Partial<Record<OperationName, string>>> = {
  CompleteMultipartUpload: "CompleteMultipartUploadResult",
  CopyObject: "CopyObjectResult",
  CreateMultipartUpload: "InitiateMultipartUploadResult",
  DeleteObjects: "DeleteResult",
  GetBucketLocation: "LocationConstraint",
  GetBucketVersioning: "VersioningConfiguration",
  GetObjectTagging: "Tagging",
  ListMultipartUploads: "ListMultipartUploadsResult",
  ListObjects: "ListBucketResult",
  ListObjectsV2: "ListBucketResult",
  ListParts: "ListPartsResult",
  UploadPartCopy: "CopyPartResult",
};

type Asked = Pick<Authorized, "operation" | "bucket" | "key" | "headers" | "isSecure">;

/** What stands in the client's document where the upstream's names its bucket, its address or its account. */
interface Mapped {
  readonly document: string;
  /** Of a document that states an error instead. */
  readonly errorCode: string | undefined;
  /** Of what a result says that it failed at: its code by its key. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Reads an upstream's result and writes it again in this gateway's names, with `refused` behind it; `BadGateway` for anything else. */
export function mapDocument(
  bytes: Buffer,
  asked: Asked,
  refused: readonly XmlField[] = [],
): Mapped {
  const root = readRoot(bytes);
  if (root.name === "Error") {
    const errorCode = childText(root, "Code") ?? "InternalError";
    return { document: "", errorCode, failures: new Map() };
  }
  if (root.name !== roots[asked.operation]) throw badGateway("upstream_malformed");
  const fields = root.children.map((child) => mapTop(child, asked));
  const document = renderResult(root.name, [...fields, ...refused]);
  return { document, errorCode: undefined, failures: failuresOf(root) };
}

function failuresOf(root: XmlElement): ReadonlyMap<string, string> {
  return new Map(
    childrenNamed(root, "Error").map((one) => [
      childText(one, "Key") ?? "",
      childText(one, "Code") ?? "InternalError",
    ]),
  );
}

function readRoot(bytes: Buffer): XmlElement {
  try {
    return readXml(bytes, limits);
  } catch (cause) {
    if (S3Error.is(cause)) throw badGateway("upstream_malformed", cause);
    throw cause;
  }
}

/** `Name` and `Bucket` stand at the top of a document and nowhere else; a key may be called so, an element of one not. */
function mapTop(element: XmlElement, asked: Asked): XmlField {
  switch (element.name) {
    case "Bucket":
    case "Name":
      return [element.name, asked.bucket];
    case "Location":
      return ["Location", objectUrl(asked)];
    default:
      return mapInner(element);
  }
}

function mapInner({ name, text, children }: XmlElement): XmlField {
  if (name === "Owner" || name === "Initiator") return owner(name);
  return children.length === 0 ? [name, text] : [name, children.map((child) => mapInner(child))];
}
