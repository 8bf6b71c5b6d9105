import { childText } from "@holdfast/protocol";
import { documentOf, type Answer, type Subject } from "./s3-subject.test.support.ts";

type Headers = Readonly<Record<string, string>>;

/** The least that a part has which is not the last. */
export const partBytesMin = 5 * 1024 * 1024;

/** An upload under way, driven one request at a time. */
export interface Upload {
  readonly target: string;
  readonly uploadId: string;
  part(partNumber: number | string, body: string | Buffer, headers?: Headers): Promise<Answer>;
  copyPart(partNumber: number, source: string, headers?: Headers): Promise<Answer>;
  complete(parts: readonly NamedPart[], headers?: Headers): Promise<Answer>;
  completeWith(body: string, headers?: Headers): Promise<Answer>;
  abort(): Promise<Answer>;
  list(query?: string): Promise<Answer>;
}

/** A part as a completion names it: its number, its etag, and more elements as XML. */
export type NamedPart = readonly [partNumber: number | string, etag: string, more?: string];

/** Begins one; `target` is the object's path. */
export async function beginUpload(
  subject: Subject,
  target: string,
  headers: Headers = {},
): Promise<Upload> {
  const begun = await subject.send({ method: "POST", target: `${target}?uploads`, headers });
  if (begun.status !== 200) throw new Error(begun.body.toString());
  return resumeUpload(subject, target, childText(documentOf(begun), "UploadId") ?? "");
}

/** One that may or may not exist. */
export function resumeUpload(subject: Subject, target: string, uploadId: string): Upload {
  const query = `uploadId=${encodeURIComponent(uploadId)}`;
  const completeWith = (body: string, headers: Headers = {}): Promise<Answer> =>
    subject.send({ method: "POST", target: `${target}?${query}`, body, headers });
  const at = (partNumber: number | string): string => `${target}?partNumber=${partNumber}&${query}`;
  return {
    target,
    uploadId,
    part: (partNumber, body, headers = {}) =>
      subject.send({ method: "PUT", target: at(partNumber), body, headers }),
    copyPart: (partNumber, source, headers = {}) =>
      subject.send({
        method: "PUT",
        target: at(partNumber),
        headers: { "x-amz-copy-source": source, ...headers },
      }),
    complete: (parts, headers) => completeWith(completion(parts), headers),
    completeWith,
    abort: () => subject.send({ method: "DELETE", target: `${target}?${query}` }),
    list: (more = "") => subject.send({ method: "GET", target: `${target}?${query}${more}` }),
  };
}

/** The document of a completion. */
export function completion(parts: readonly NamedPart[]): string {
  const named = parts.map(
    ([number, etag, more = ""]) =>
      `<Part><PartNumber>${number}</PartNumber><ETag>${etag}</ETag>${more}</Part>`,
  );
  return `<CompleteMultipartUpload>${named.join("")}</CompleteMultipartUpload>`;
}
