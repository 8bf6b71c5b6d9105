import { childText, isErrorCode, readXml, type XmlElement } from "@holdfast/protocol";
import type { Answer } from "./answers.ts";

/** The code of an error answer; throws unless its document is whole and agrees with its headers. */
export function errorCodeOf(answer: Answer): string {
  const text = answer.body.toString();
  if (!text.startsWith('<?xml version="1.0" encoding="UTF-8"?>')) {
    throw new Error(`${answer.status} without a document: ${JSON.stringify(text)}`);
  }
  const document = readXml(answer.body, { nodesMax: 100 });
  const code = childText(document, "Code") ?? "";
  if (document.name !== "Error" || !isErrorCode(code)) throw new Error(`no error: ${text}`);
  checkIdentity(answer, document);
  if (answer.headers.get("content-type")?.[0] !== "application/xml") throw new Error("not XML");
  return code;
}

function checkIdentity(answer: Answer, document: XmlElement): void {
  const [requestId, second] = answer.headers.get("x-amz-request-id") ?? [];
  if (requestId === undefined || second !== undefined) throw new Error("not one request id");
  if (childText(document, "RequestId") !== requestId) throw new Error("another request id");
  if (childText(document, "HostId") !== answer.headers.get("x-amz-id-2")?.[0]) {
    throw new Error("another host id");
  }
}
