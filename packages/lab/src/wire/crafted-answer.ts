import {
  catalogue,
  isErrorCode,
  renderErrorDocument,
  renderXml,
  s3ErrorFromWire,
  statusOfCode,
  type XmlField,
} from "@holdfast/protocol";
import type { Answer, documents } from "../faults/answer.ts";
import type { SeenRequest } from "../seen-request.ts";
import type { Deletions } from "./partial-delete.ts";

/** An answer that no server gave. */
export interface CraftedAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  /** White space that stands at that place of the body and is made as it is sent, however much it is. */
  readonly filler?: { readonly at: number; readonly bytes: number };
}

const html =
  "<html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>";

/** Entities of entities: ten doublings of ten make a thousand million of the first. */
const bomb = [
  '<?xml version="1.0"?><!DOCTYPE Error [<!ENTITY a0 "boom">',
  ...Array.from({ length: 9 }, (_, n) => `<!ENTITY a${n + 1} "${`&a${n};`.repeat(10)}">`),
  "]><Error><Code>InternalError</Code><Message>&a9;</Message></Error>",
].join("");

const bodies: Readonly<Record<(typeof documents)[number], readonly [type: string, body: string]>> =
  {
    empty: ["application/xml", ""],
    html: ["text/html", html],
    text: ["text/plain", "upstream connect error or disconnect/reset before headers"],
    truncated: ["application/xml", '<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>Intern'],
    malformed: ["application/xml", "<Error><Code>InternalError</Message></Error"],
    bomb: ["application/xml", bomb],
  };

/** Makes the answer that a fault asks for; the codes, their statuses and their sentences are the catalogue's. */
export function craftAnswer(
  answer: Answer,
  request: SeenRequest,
  ids: { readonly requestId: string; readonly hostId: string },
): CraftedAnswer {
  const code = answer.error ?? (answer.region === undefined ? undefined : "PermanentRedirect");
  const [type, body] = bodyOf(answer, code, { request, ids });
  const status = answer.status ?? (code === undefined ? 500 : (statusOfCode(code) ?? 400));
  const whole = Buffer.from(`${answer.prefix ?? ""}${body}${answer.suffix ?? ""}`);
  const isBodiless = request.method === "HEAD" || status === 304 || status === 204;
  return {
    status,
    headers: {
      "x-amz-request-id": ids.requestId,
      "x-amz-id-2": ids.hostId,
      ...headersOf(answer, type),
    },
    ...(isBodiless ? { body: Buffer.alloc(0) } : { body: whole, ...fillerOf(whole, answer) }),
  };
}

function headersOf(
  { region, retryAfter, contentType, headers }: Answer,
  type: string,
): Record<string, string> {
  return {
    ...(region !== undefined && { "x-amz-bucket-region": region }),
    ...(retryAfter !== undefined && { "retry-after": String(retryAfter) }),
    "content-type": contentType ?? type,
    ...headers,
  };
}

function bodyOf(
  answer: Answer,
  code: string | undefined,
  known: { readonly request: SeenRequest; readonly ids: { requestId: string; hostId: string } },
): readonly [type: string, body: string] {
  if (answer.document !== undefined) return bodies[answer.document];
  if (answer.body !== undefined) return ["application/xml", answer.body];
  if (code === undefined) return bodies.empty;
  const { request, ids } = known;
  const details = {
    ...(answer.region !== undefined && { Region: answer.region }),
    ...answer.fields,
  };
  const error = s3ErrorFromWire({
    code,
    message: answer.message,
    status: statusOfCode(code) ?? 400,
    details,
  });
  const { bucket, key, target } = request;
  const resource = target.split("?", 1)[0] ?? "";
  return ["application/xml", renderErrorDocument(error, { ...ids, resource, bucket, key })];
}

/** White space between elements: an answer may be as long as it likes and still be well-formed. */
function fillerOf(body: Buffer, { size = 0 }: Answer): Pick<CraftedAnswer, "filler"> {
  if (size <= body.length) return {};
  const end = body.lastIndexOf("</Error>");
  return { filler: { at: end === -1 ? body.length : end, bytes: size - body.length } };
}

/** What DeleteObjects says when some of its keys were refused, each with its code. */
export function deleteResult({ gone, refused }: Deletions): string {
  const errors = [...refused].map(([key, code]): XmlField => {
    const message = isErrorCode(code) ? catalogue[code].message : code;
    return [
      "Error",
      [
        ["Key", key],
        ["Code", code],
        ["Message", message],
      ],
    ];
  });
  return renderXml([
    "DeleteResult",
    [...gone.map((key): XmlField => ["Deleted", [["Key", key]]]), ...errors],
  ]);
}
